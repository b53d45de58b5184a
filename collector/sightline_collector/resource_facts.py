"""What the resource of a request says about all of its spans."""

from dataclasses import dataclass

from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from sightline_collector.any_value import to_attributes, to_text
from sightline_semconv import sightline

_NUL = "\0"
_MAX_ATTRIBUTES = 200
_MAX_SIZE = 4_096
# The name of today, that up to 1.26, and Langfuse's.
_ENVIRONMENTS = ("deployment.environment.name", "deployment.environment", "langfuse.environment")


@dataclass(frozen=True, slots=True)
class ResourceFacts:
    """Texts are "" when the resource does not say."""

    app: str
    service: str
    environment: str
    app_version: str
    attributes: dict[str, str]


def read_resource(resource: Resource) -> ResourceFacts:
    """Return the facts; the app falls back to the service's name."""
    found = to_attributes(resource.attributes)
    texts = {
        name.replace(_NUL, "\ufffd")[:256]: to_text(value).replace(_NUL, "\ufffd")[:_MAX_SIZE]
        for name, value in list(found.items())[:_MAX_ATTRIBUTES]
    }
    service = texts.get("service.name", "")
    return ResourceFacts(
        app=texts.get(sightline.APP) or service,
        service=service,
        environment=next((texts[name] for name in _ENVIRONMENTS if texts.get(name)), ""),
        app_version=texts.get("service.version", ""),
        attributes=texts,
    )
