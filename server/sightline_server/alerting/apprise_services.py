"""The long tail of chat and paging services, through `apprise`.

`apprise` connects by itself, past the check of addresses, so only services with a fixed public address are
taken: what a user of the page writes decides the account, never the host. Services without acknowledgement or
resolve get each step as a message of its own.
"""

from typing import Any

from sightline_core.errors import CallerError


def check_apprise_url(url: str) -> None:
    """Raise `CallerError` unless the URL names a service whose address does not depend on the URL."""
    _service_of(url)


def send_by_apprise(url: str, *, title: str, text: str) -> bool:
    """Send a message and return whether the service took it."""
    return bool(_service_of(url).notify(body=text, title=title, body_format="text"))


def _service_of(url: str) -> Any:
    # Importing it and its plugins takes the better part of a second, and few use it.
    from apprise import Apprise

    service = Apprise.instantiate(url, suppress_exceptions=True)
    if service is None:
        raise CallerError("settings.url is no URL that apprise can read; see its list of services")
    address = getattr(type(service), "notify_url", None)
    is_fixed = isinstance(address, str) and address.startswith("https://")
    if not is_fixed or "host" in getattr(type(service), "template_tokens", {}):
        raise CallerError(
            "settings.url leads to an address of its own; use the kind webhook, or a service with a fixed one"
        )
    return service
