"""Builds the one `Settings` object, and the page that documents it. Run as a module to write that page:

python -m sightline_server.configuration > docs/settings.md
"""

import sys
from collections.abc import Iterable, Mapping
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from types import NoneType
from typing import Any, get_args
from urllib.parse import urlsplit

from pydantic import SecretStr, ValidationError
from pydantic_core import ErrorDetails

from sightline_core.errors import ConfigurationError
from sightline_core.loopback import is_on_this_machine
from sightline_core.settings import Settings

_TYPE_NAMES: dict[type, str] = {
    str: "text",
    int: "number",
    float: "number",
    Decimal: "number",
    bool: "true or false",
    Path: "path",
}

_KEYS = ("self_traces_key", "replay_api_key", "embeddings_key", "titles_key")
"""Keys that are sent to others, in a header."""
_ADDRESSES = (
    "public_url",
    "self_traces_url",
    "replay_base_url",
    "embeddings_url",
    "titles_url",
    "alert_proxy",
)


def load_settings(given: Mapping[str, Any] | None = None) -> Settings:
    """Return settings from `given` (the command line; `None` values are not given), then the environment.

    Raises `ConfigurationError` that names every wrong variable, and never shows a value.
    """
    chosen = {name: value for name, value in (given or {}).items() if value is not None}
    try:
        settings = Settings(**chosen)
    except ValidationError as error:
        raise ConfigurationError(
            "; ".join(f"{variable(str(e['loc'][0]))}: {_wrong_with(e)}" for e in error.errors())
        ) from error
    except RuntimeError as error:  # of a `~` without a home, as for users of containers that have none
        raise ConfigurationError(
            "SIGHTLINE_DATA_DIR: the home directory that ~ means is unknown; give the path of a folder"
        ) from error
    for name in _ADDRESSES:
        value = getattr(settings, name)
        _check_address(name, value.get_secret_value() if isinstance(value, SecretStr) else value or "")
    for name in _KEYS:
        _check_key(name, getattr(settings, name))
    _refuse_open_doors(settings)
    # Paths are appended to it.
    return settings.model_copy(update={"public_url": settings.public_url.rstrip("/")})


def _check_address(name: str, address: str) -> None:
    """Refuse what could only fail where it is used, hours later or never to be noticed."""
    if not address:
        return
    try:
        parts = urlsplit(address)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # of the port
        is_address = False
    if not is_address or not address.isprintable() or " " in address:
        raise ConfigurationError(f"{variable(name)} must be an address such as https://host:port/path")
    if name == "public_url" and "@" in parts.netloc:
        raise ConfigurationError(f"{variable(name)} is shown to everybody: give it without a password")


def _check_key(name: str, key: SecretStr | None) -> None:
    said = key.get_secret_value() if key is not None else ""
    if not said.isascii() or not said.isprintable():
        raise ConfigurationError(f"{variable(name)} must be of printable ASCII characters, as headers are")


def _refuse_open_doors(settings: Settings) -> None:
    if settings.listens_on_loopback() or settings.secrets():
        return
    raise ConfigurationError(
        f"refusing to listen on {settings.host}: without SIGHTLINE_API_KEY or SIGHTLINE_ADMIN_PASSWORD "
        "anyone who reaches this address could read every prompt"
    )


def open_to_all(settings: Settings) -> list[str]:
    """Return what to say of a server without a secret that a proxy shows to others."""
    if settings.secrets() or not settings.public_url or is_on_this_machine(settings.public_url):
        return []
    return [
        f"Whoever gets to {settings.public_url} may read and change everything, unless what is in front of it"
        " asks who they are: neither SIGHTLINE_API_KEY nor SIGHTLINE_ADMIN_PASSWORD is set"
    ]


def misspelt(environment: Iterable[str]) -> list[str]:
    """Return what to say of variables that look like a setting and are none; the SDK has its own."""
    lines = []
    for name in sorted(name for name in environment if name.startswith(variable(""))):
        field = name.removeprefix(variable("")).lower()
        close = get_close_matches(field, Settings.model_fields, 1, 0.75)
        if close and field not in Settings.model_fields:
            lines.append(f"{name} is no setting; did you mean {variable(close[0])}?")
    return lines


def variable(field: str) -> str:
    """Return the environment variable of a field of `Settings`."""
    return f"SIGHTLINE_{field.upper()}"


def render_settings_page() -> str:
    """Return `docs/settings.md`: one row for each setting, in the order of the class."""
    lines = [
        "# Settings of the server",
        "",
        "Generated by `python -m sightline_server.configuration > docs/settings.md`. Options of the command",
        "line win over these variables. The variables of the SDK are described with the SDK.",
        "",
        "| variable | type | default | meaning |",
        "|---|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        kind = _type_name(field.annotation)
        default = f"`{field.default}`" if field.default not in (None, "") else ""
        lines.append(f"| `{variable(name)}` | {kind} | {default} | {field.description} |")
    return "\n".join(lines) + "\n"


def _type_name(annotation: Any) -> str:
    options = [option for option in get_args(annotation) if option is not NoneType] or [annotation]
    if SecretStr in options:
        return "secret"
    return ", ".join(_TYPE_NAMES.get(option) or f"`{option}`" for option in options)


def _wrong_with(error: ErrorDetails) -> str:
    if error["type"] == "too_short":  # of a secret, which pydantic takes for a list
        return f"give at least {error['ctx']['min_length']} characters"
    return error["msg"].replace("Input should be", "must be", 1)


if __name__ == "__main__":
    sys.stdout.write(render_settings_page())
