"""Shapes of projects and their limits on the wire."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from sightline_api.models import Model

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


class Limits(Model):
    """What holds for a project."""

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
    """By id."""

    projects: list[ProjectModel]
