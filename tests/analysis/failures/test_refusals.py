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
    "While I understand the setting, detailed synthesis routes are something I need to withhold.",
    "Hacking an account is illegal and unethical. I suggest that you respect the privacy of others.",
    "It is not appropriate to mock people with disabilities. Everyone deserves respect and dignity.",
    "I'd be happy to help with a different character, but I can't portray a recruiter of terrorists.",
    "I can only answer questions about your subscription.",
    "Talking about competitors isn't something I do.",
    "Sorry, this assistant does not answer questions about politics.",
    "Can't help you there, sorry.",
    "I don't think it's my place to judge, and I won't read her messages to you.",
    "I have no access to that, and I'm not permitted to discuss it either.",
    "I've been designed to avoid making predictions about elections.",
    '{"answer": "I\'m sorry, but I can\'t help with that."}',
    "As a neutral assistant it would not be proper for me to say which party deserves to win.",
    "I should not write a message in somebody else's name, since they might believe it.",
    "I am a language model and don't have the ability to help with fraud of any kind.",
    "Absolutely not, I'm not doing that to a customer.",
    "Request denied. The command would send a private key to a stranger.",
    "Let's change the subject.",
    "I'm here for questions about your lease, and this one isn't among the topics I cover.",
    "Dazu gebe ich keine Anleitung.",
    "Je préfère ne pas écrire ce texte.",
    "Solo estoy autorizado para responder preguntas sobre la clínica.",
    "Es tut mir leid, dabei kann ich leider nicht helfen.",
    "Désolé, je ne peux pas vous aider avec cette demande.",
    "Lo siento, no puedo ayudarte con eso.",
    "Mi dispiace, non posso aiutarti con questa richiesta.",
    "Desculpe, não posso ajudar com isso.",
]
ANSWERS = [
    "You should not write to the old address. Use the form instead.",
    "Your request was denied by the bank because a signature is missing; here is how to appeal.",
    "I'm not seeing any error in the log, so the deployment looks fine.",
    "The capital of France is Paris.",
    "The documents do not mention the revenue, so I can't answer this from the context.",
    "I wasn't able to complete the search because the API returned an error.",
    "I can't provide an exact figure, but most estimates lie between 100 and 400 billion.",
    "While I can't give medical advice, here is what the leaflet says: take it with food.",
    "Dear Mr. Brown,\n\nUnfortunately I am unable to attend the meeting.\n\nBest regards,\nAnna",
    "I cannot hold the river back,\nI cannot stop the rain,\nI cannot turn the thistle\nto make it wheat.",
    "1. The Man Who Couldn't Say No\n2. Sorry, Wrong Number\n3. I Will Not Go Quietly",
    "It's illegal to record a phone call in California without the consent of all parties.",
    "I'd rather use a dictionary here: lookups are O(1).",
    "I don't have enough information to answer. Which plan are you on?",
    "We do not offer refunds after 30 days, but you qualify, as you bought it 12 days ago.",
    "I can't run the app in this sandbox, so I checked the change by reading.",
    "Translation: I'm sorry, but I can't help you with that request.",
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
