"""Customers who keep the assistant busy, gently and until told to stop."""

import asyncio
import logging
import random
from collections.abc import Callable
from contextvars import copy_context

import openai

import sightline
from sightline_server.demo.support_assistant import shop
from sightline_server.demo.support_assistant.assistant import SupportAssistant

logger = logging.getLogger(__name__)

MAILS = (
    "My refund of 40 euros has not arrived and nobody answers.",
    "I cannot log in since I changed my phone.",
    "The invoice for my last order shows the wrong address.",
    "Please deliver to my office instead of my home.",
)


def serve_customers(assistant: SupportAssistant, pause: Callable[[float], bool]) -> None:
    """Let customers ask until `pause` (seconds to wait → go on?) says no."""
    chance = random.Random()
    # One event loop for all: the connections of an asynchronous client belong to the loop that opened them.
    with asyncio.Runner() as runner:
        while pause(chance.uniform(0.8, 3.0)):
            user = f"user-{chance.randint(1, 40)}"
            with sightline.context(session=f"{user}-today", user=user, tags=["demo"]):
                try:
                    _one_customer(assistant, chance, runner)
                except (openai.OpenAIError, RuntimeError, ValueError) as error:
                    # The shop goes on; Sightline has the details.
                    logger.debug("A customer got no answer: %s", error)


def _one_customer(assistant: SupportAssistant, chance: random.Random, runner: asyncio.Runner) -> None:
    if chance.random() < 0.25:
        # In the caller's context: the session and the user are set there.
        runner.run(_triage(assistant, chance.choice(MAILS)), context=copy_context())
        return
    assistant.answer(chance.choice(shop.QUESTIONS), stream=chance.random() < 0.4)
    if chance.random() < 0.3:
        assistant.answer(chance.choice(shop.QUESTIONS), stream=False)
    if chance.random() < 0.2:
        sightline.feedback(chance.random() < 0.8)


async def _triage(assistant: SupportAssistant, mail: str) -> None:
    await assistant.triage_mail(mail)
