"""Keys of projects, for whoever runs the server."""

import logging
from typing import Annotated

from fastapi import APIRouter, Response

from sightline_api.dependencies import Operator, Services
from sightline_api.project_models import CreatedKey, KeyList, KeyModel, NewKey
from sightline_api.validation_words import Shape
from sightline_core.ids import ProjectId
from sightline_storage.metadata.project_store import ApiKey

router = APIRouter(tags=["keys"])

# Shorter beginnings would let a slip of the pen end somebody else's key.
KeyId = Annotated[str, Shape("[0-9a-f]{8,32}", "the id of a key, or at least its first 8 hex digits")]

logger = logging.getLogger(__name__)


@router.get("/keys")
def list_keys(services: Services, caller: Operator) -> KeyList:
    """Return the keys of all projects, revoked ones too, oldest first, without the keys themselves."""
    return KeyList(keys=list(map(_model, services.projects.keys())))


@router.post("/keys", status_code=201)
def create_key(services: Services, caller: Operator, body: NewKey) -> CreatedKey:
    """Make a key, which is in the answer and told this once. Running servers know it within seconds.

    Made without a secret, as the settings have none, it opens nothing once they have one.
    """
    key, secret = services.projects.create_key(
        ProjectId(body.project), body.name, body.role, now=services.now(), by_anybody=caller.is_anybody
    )
    logger.info("A key was made", extra={"key": key.id, "project": key.project, "by": caller.name})
    return CreatedKey(**_model(key).model_dump(), key=secret)


@router.delete("/keys/{key_id}", status_code=204, response_class=Response)
def revoke_key(services: Services, caller: Operator, key_id: KeyId) -> None:
    """Revoke a key: running servers refuse it within seconds; 404 when no active key has the id."""
    key = services.projects.revoke_key(key_id, now=services.now())
    logger.info("A key was revoked", extra={"key": key.id, "project": key.project, "by": caller.name})


def _model(key: ApiKey) -> KeyModel:
    return KeyModel(
        id=key.id,
        project=key.project,
        name=key.name,
        role=key.role,
        created_at=key.created_at,
        revoked_at=key.revoked_at,
    )
