"""The HTTP API: thin routes and response models over the readers of storage."""

from sightline_api.app import create_api
from sightline_api.services import ApiServices, ServerFacts

__all__ = ["ApiServices", "ServerFacts", "create_api"]
