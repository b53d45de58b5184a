"""A client of a running server for commands: a second process cannot open the store that the server holds."""

from typing import Any

import httpx

from sightline_core.errors import BackendError, CallerError
from sightline_core.settings import Settings


class ServerClient:
    """Calls `/api/v1` with the key of the settings."""

    def __init__(self, settings: Settings, url: str | None) -> None:
        address = url or settings.public_url or f"http://{settings.host}:{settings.port}"
        key = settings.api_key
        headers = {"authorization": f"Bearer {key.get_secret_value()}"} if key is not None else {}
        self._address = address.rstrip("/")
        self._client = httpx.Client(base_url=f"{self._address}/api/v1", headers=headers, timeout=60)

    @property
    def address(self) -> str:
        """Where the server is, without a slash at the end."""
        return self._address

    def call(self, method: str, path: str, **arguments: Any) -> Any:
        """Return the JSON answer; `CallerError` with the server's words, `BackendError` without any."""
        response = self._send(method, path, **arguments)
        return response.json() if response.content else None

    def text(self, path: str, **arguments: Any) -> str:
        """Return an answer that is no JSON; the same errors."""
        return self._send("GET", path, **arguments).text

    def _send(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        try:
            response = self._client.request(method, path, **arguments)
        except httpx.HTTPError as error:
            raise BackendError(f"no server answers at {self._address}; start one or give --server") from error
        if response.is_success:
            return response
        problem = response.json() if "json" in response.headers.get("content-type", "") else {}
        raise CallerError(str(problem.get("detail", f"the server answered {response.status_code}")))

    def close(self) -> None:
        """Close the connection."""
        self._client.close()
