"""A chat model behind an OpenAI-compatible endpoint."""

from collections.abc import Callable

import httpx
from pydantic import SecretStr

from sightline_analysis.failures.titles import TitleFailed
from sightline_core.settings import Settings
from sightline_server.outgoing import client_of

_TIMEOUT_S = 60
_MAX_TOKENS = 300


class ChatModel:
    """`POST {url}/chat/completions` as OpenAI defines it."""

    def __init__(self, url: str, model: str, key: SecretStr | None, go_on: Callable[[], None]) -> None:
        """`go_on` is called before each request, and raises when there shall be none any more."""
        self._client = client_of(url, key, _TIMEOUT_S)
        self._model = model
        self._go_on = go_on

    def answer(self, instructions: str, question: str) -> str:
        """See `TitleModel.answer`."""
        self._go_on()
        messages = [{"role": "system", "content": instructions}, {"role": "user", "content": question}]
        body = {"model": self._model, "messages": messages, "temperature": 0, "max_tokens": _MAX_TOKENS}
        try:
            answer = self._client.post("/chat/completions", json=body)
            answer.raise_for_status()
            return str(answer.json()["choices"][0]["message"]["content"])
        except (httpx.HTTPError, ValueError, KeyError, IndexError, TypeError) as error:
            raise TitleFailed(f"{type(error).__name__}: {error}") from error


def build_title_model(settings: Settings, go_on: Callable[[], None]) -> ChatModel | None:
    """Return the model that the settings name, `None` without one."""
    if not settings.titles_url:
        return None
    return ChatModel(settings.titles_url, settings.titles_model, settings.titles_key, go_on)
