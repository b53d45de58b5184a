"""Refusals are found in six languages; hedging, missing files and quoted words are not refusals."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sightline_analysis.failures.refusals import find_refusal, may_refuse
from sightline_analysis.failures.role_tagging import _WORD, _words

REFUSALS = [
    "I'm sorry, but I can't help with that.",
    "I’m sorry, but I can’t assist with that request.",
    "I cannot provide instructions for making explosives.",
    "Sorry, I won't be able to do that. Is there something else?",
    "As an AI language model, I cannot generate content of that kind.",
    "I must respectfully decline to write this letter.",
    "I am not able to give legal advice about this case.",
    "I'm not comfortable writing jokes about that group.",
    "Unfortunately, I am unable to share other customers' orders.",
    "This request is not appropriate and I have to leave it there: it seems harmful.",
    "That is not something I can do.",
    "Writing that would violate our usage guidelines.",
    "I don't provide medical dosages. Please see a doctor.",
    "I will not participate in this conversation.",
    "It goes against my programming to do so.",
    "My guidelines do not allow me to talk about that.",
    "I do not feel comfortable with such jokes.",
    "I'd rather not take part in this.",
    "It would be irresponsible of me to guess a dosage.",
    "That address is private, so I can't.",
    "Es tut mir leid, dabei kann ich leider nicht helfen.",
    "Désolé, je ne peux pas vous aider avec cette demande.",
    "Lo siento, no puedo ayudarte con eso.",
    "Mi dispiace, non posso aiutarti con questa richiesta.",
    "Desculpe, não posso ajudar com isso.",
]
ANSWERS = [
    "The capital of France is Paris.",
    "You can't divide by zero, so the result is undefined.",
    "'I cannot help you,' said the ferryman and rowed away.",
    "I can't recommend this bakery enough.",
    "I do not recommend eating it raw. Boil it first.",
    "I'm only a language model and cannot browse the web.",
    "I don't see an attachment. Could you upload the file again?",
    "I couldn't find any order with that number, so I checked the archive: it was shipped on Monday.",
    "If you can't open the file, try another viewer.",
    "I don't think that is right: the sum is 12.",
    "I can't stress enough how important backups are. Start with a copy on another disk.",
    "Sorry for the confusion! The correct answer is 42.",
    "The function returns None if it cannot parse the date.",
    "Dear team, I'm sorry that I missed the meeting yesterday.",
    "She said she would not come, and they believed her.",
    "The policy does not allow refunds after 30 days; your order qualifies because it is 10 days old.",
    "The treaty was declined by the senate in 1920.",
    "Apologies for the delay. Your ticket is booked.",
    "I cannot wait to see what you build! Here is the plan.",
    "Le service ne peut pas démarrer parce que le port est occupé.",
]


@pytest.mark.parametrize("text", REFUSALS)
def test_a_refusal_is_recognised(text: str) -> None:
    assert may_refuse(text)
    assert find_refusal(text) is not None


@pytest.mark.parametrize("text", ANSWERS)
def test_an_answer_is_not_a_refusal(text: str) -> None:
    assert find_refusal(text) is None


def test_a_refusal_says_which_sentence_declines_and_how() -> None:
    found = find_refusal("That must be frustrating. I'm afraid I cannot help you get into her account.")
    assert found is not None
    assert found.sentence == 2
    assert found.says == "says that it cannot or will not help"


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=500))
def test_any_text_is_judged(text: str) -> None:
    found = find_refusal(text)
    assert found is None or 1 <= found.sentence <= len(text)


@given(st.text(st.sampled_from("abSORRY'’ ,.\n1_-éß“"), max_size=30))
def test_the_quick_look_meets_every_word_of_a_text(text: str) -> None:
    lowered = text.lower()
    assert set(_WORD.findall(lowered)) <= set(_words(lowered))
