"""Fetching the price catalogue that genai-prices publishes."""

import time
from urllib.parse import urlsplit

import httpx

from sightline_core.errors import BackendError, ConfigurationError
from sightline_core.loopback import is_loopback

_MAX_BYTES = 32 * 1024 * 1024
_TIMEOUT_S = 30.0
_LONGEST_S = 180.0


def download_catalogue(url: str) -> tuple[str, str]:
    """Return the document and where it is from; "" stands for where genai-prices publishes it.

    Only over TLS, or from this machine: who can change prices can hide what was spent. Raises
    `ConfigurationError` for another address, `BackendError` when it cannot be had.
    """
    if not url:
        from genai_prices.update_prices import DEFAULT_UPDATE_URL

        url = DEFAULT_UPDATE_URL
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname)):
        raise ConfigurationError("SIGHTLINE_PRICES_URL must start with https://")
    source = parts._replace(query="", netloc=parts.netloc.rpartition("@")[2]).geturl()
    content = bytearray()
    begun_s = time.monotonic()
    try:
        with httpx.stream("GET", url, timeout=_TIMEOUT_S) as response:
            response.raise_for_status()
            for piece in response.iter_bytes():
                content += piece
                if len(content) > _MAX_BYTES:
                    raise BackendError(f"{source} answers with more than {_MAX_BYTES} bytes; the prices stay")
                if time.monotonic() - begun_s > _LONGEST_S:
                    raise BackendError(f"{source} takes more than {_LONGEST_S:.0f} seconds; the prices stay")
        return content.decode("utf-8"), source
    except httpx.HTTPStatusError as error:
        raise BackendError(f"{source} answers {error.response.status_code}; the prices stay") from error
    except (httpx.HTTPError, UnicodeDecodeError) as error:
        raise BackendError(f"{source} cannot be read ({type(error).__name__}); the prices stay") from error
