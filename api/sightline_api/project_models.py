"""Shapes of projects, their limits and their keys on the wire."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from sightline_api.models import Model
from sightline_api.validation_words import Shape
from sightline_core.auth import Role
from sightline_core.ids import PROJECT_ID_PATTERN

ProjectIdText = Annotated[str, Shape(PROJECT_ID_PATTERN, "1 to 64 lower-case letters, digits, - and _")]

_Limit = Annotated[int, Field(ge=0, le=2**31 - 1)]


class OwnLimits(BaseModel):
    """Limits that a project has of its own; null: what the server's settings say."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    retention_days: _Limit | None = Field(None, description="days that spans are kept; 0: for ever")
    max_spans_per_s: _Limit | None = Field(None, description="0: no limit")
    max_body_size: _Limit | None = Field(
        None, description="bytes of a request; at most the server's, like all that follow"
    )
    max_decompressed_size: _Limit | None = Field(None, description="bytes that a request unpacks to")
    max_attributes: _Limit | None = Field(None, description="of a span")
    max_attribute_size: _Limit | None = Field(None, description="characters")
    max_attribute_depth: _Limit | None = Field(None, description="levels of lists and objects")
    max_content_size: _Limit | None = Field(None, description="characters of an input or output")


class ProjectChanges(OwnLimits):
    """What of a project is to change."""

    name: str | None = Field(None, description="what people call it; null: its id")


class NewProject(BaseModel):
    """A project to be made, without limits of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: ProjectIdText
    name: str | None = Field(None, description="what people call it; null: its id")


class Limits(Model):
    """What holds for a project, or for all that have no limits of their own."""

    retention_days: int
    max_spans_per_s: int
    max_body_size: int
    max_decompressed_size: int
    max_attributes: int
    max_attribute_size: int
    max_attribute_depth: int
    max_content_size: int


class ProjectModel(Model):
    """A project with its own limits, and those that hold for it."""

    id: str
    name: str
    own: OwnLimits
    limits: Limits


class ProjectList(Model):
    """By id, beside what the server's settings say."""

    projects: list[ProjectModel]
    server: Limits = Field(description="what holds without limits of a project's own; its sizes are the most")


class NewKey(BaseModel):
    """A key to be made."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    project: ProjectIdText
    name: str = Field(description="who or what uses it")
    role: Role


class KeyModel(Model):
    """A key, without the key itself."""

    id: str = Field(description="of which the command line shows the first 8 digits")
    project: str
    name: str
    role: Role
    created_at: AwareDatetime
    revoked_at: AwareDatetime | None


class CreatedKey(KeyModel):
    """A key that was just made."""

    key: str = Field(description="the key itself, which is stored nowhere and not told again")


class KeyList(Model):
    """Oldest first."""

    keys: list[KeyModel]
