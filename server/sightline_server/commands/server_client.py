"""A client of a running server for commands: a second process cannot open the store that the server holds."""

from http import HTTPStatus
from typing import Any

import httpx

from sightline_core.errors import BackendError, CallerError
from sightline_core.settings import Settings
from sightline_server.listener import local_url
from sightline_server.outgoing import client_of

_TIMEOUT_S = 60


class ServerClient:
    """Calls `/api/v1` with the key of the settings."""

    def __init__(self, settings: Settings, url: str | None) -> None:
        address = url or settings.public_url or local_url(settings.host, settings.port)
        self._address = address.rstrip("/")
        if not address.lower().startswith(("http://", "https://")):
            raise _no_address(address)
        try:
            self._client = client_of(f"{self._address}/api/v1", settings.api_key, _TIMEOUT_S)
        except httpx.InvalidURL as error:
            raise _no_address(address) from error

    @property
    def address(self) -> str:
        """Where the server is, without a slash at the end."""
        return self._address

    def call(self, method: str, path: str, **arguments: Any) -> Any:
        """Return the JSON answer; `CallerError` with the server's words, `BackendError` without any."""
        response = self._send(method, path, **arguments)
        if not response.content:
            return None
        try:
            return response.json()
        except ValueError as error:
            raise self._stranger() from error

    def text(self, path: str, **arguments: Any) -> str:
        """Return an answer in CSV; the same errors."""
        response = self._send("GET", path, **arguments)
        # Pages of others, such as a proxy's login, come with 200 as well.
        if not response.headers.get("content-type", "").startswith("text/csv"):
            raise self._stranger()
        return response.text

    def _send(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        try:
            response = self._client.request(method, path, **arguments)
        except httpx.HTTPError as error:
            raise BackendError(f"no server answers at {self._address}; start one or give --server") from error
        if response.is_success:
            return response
        if "problem+json" not in response.headers.get("content-type", ""):
            raise CallerError(f"{self._address} answered {response.status_code}; is it a Sightline server?")
        detail = str(response.json()["detail"])
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            detail += "; give the key in SIGHTLINE_API_KEY"
        raise CallerError(detail)

    def _stranger(self) -> BackendError:
        return BackendError(f"what answers at {self._address} is no Sightline server; give another --server")

    def close(self) -> None:
        """Close the connection."""
        self._client.close()


def _no_address(address: str) -> CallerError:
    return CallerError(f"--server {address!r} is no address such as http://127.0.0.1:4318")
