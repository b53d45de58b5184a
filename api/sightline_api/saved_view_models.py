"""Shapes of saved views on the wire."""

from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from sightline_api.models import Model

ViewPage = Literal["traces", "failures", "sessions", "users", "prompts", "apps", "costs", "alerts"]
MAX_PARAMS_CHARS = 8_000


def _printable(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("a name needs characters that can be seen, in one line")
    return text.strip()


def _bounded(params: dict[str, str]) -> dict[str, str]:
    if sum(len(name) + len(value) for name, value in params.items()) > MAX_PARAMS_CHARS:
        raise ValueError(f"parameters have at most {MAX_PARAMS_CHARS} characters together")
    return params


ViewName = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_printable)]
ViewParams = Annotated[
    dict[str, str],
    Field(description="what follows the ? of the page's address, by name"),
    AfterValidator(_bounded),
]


class SavedViewBody(BaseModel):
    """A name for a page and the parameters of its address."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: ViewName
    page: ViewPage
    params: ViewParams


class SavedViewChange(BaseModel):
    """What may be changed of a view."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: ViewName
    params: ViewParams


class SavedViewModel(Model):
    """A saved view of the project."""

    id: str
    name: str
    page: str
    params: dict[str, str]
    author: str = Field(description="who saved it first")
    created_at: AwareDatetime
    updated_at: AwareDatetime
    etag: str = Field(description="what `If-Match` takes, so that no change of somebody else is lost")


class SavedViewList(Model):
    """By page and name."""

    views: list[SavedViewModel]
