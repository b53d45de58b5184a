"""What `sightline projects`, `keys` and `prices` do. Each returns its exit code.

The catalogue and what downloads it are imported by the commands that need them: they would take a quarter of
the start of the others.
"""

import argparse
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime

from sqlalchemy import Engine

from sightline_core.auth import Role
from sightline_core.errors import CallerError
from sightline_core.ids import DEFAULT_PROJECT, ProjectId
from sightline_core.limits import LIMIT_NAMES
from sightline_core.price_overrides import LongContext, PriceOverride, check_override, tier_name
from sightline_core.price_rates import CLASSES, PRICED
from sightline_core.settings import Settings
from sightline_server.stores import opened_metadata, require_project, require_store
from sightline_storage.lifecycle.deletion_requests import require_free
from sightline_storage.metadata.project_store import Project, ProjectStore
from sightline_storage.spend.price_store import PriceStore


def list_projects(_options: argparse.Namespace, settings: Settings) -> int:
    """One line for each project, the default one always among them."""
    with _there_already(settings) as metadata:
        projects = {project.id: project for project in ProjectStore(metadata).projects()}
    projects.setdefault(DEFAULT_PROJECT, Project(DEFAULT_PROJECT, DEFAULT_PROJECT, _now()))
    rows = [
        (name, project.name, _or(project.retention_days), _limits(project))
        for name, project in sorted(projects.items())
    ]
    return _table(("project", "name", "retention days", "own limits"), rows)


def set_project(options: argparse.Namespace, settings: Settings) -> int:
    """Create or change a project."""
    names = ("name", "retention_days", *LIMIT_NAMES)
    values = {name: getattr(options, name) for name in names if hasattr(options, name)}
    project_id = ProjectId(options.project)
    with opened_metadata(settings) as metadata:
        require_free(metadata, project_id)
        project = ProjectStore(metadata).set_project(project_id, now=_now(), **values)
    days = f"retention days: {_or(project.retention_days)}"
    return _say(f"{project.id} ({project.name}): {days}, own limits: {_limits(project)}")


def create_key(options: argparse.Namespace, settings: Settings) -> int:
    """Print the key alone on standard output, so that it can be piped; everything else is told beside it."""
    project = ProjectId(options.project)
    with opened_metadata(settings) as metadata:
        store = ProjectStore(metadata)
        key, secret = store.create_key(project, options.name, Role(options.role), now=_now())
    sys.stderr.write(f"{key.id[:8]}: {key.role} key of project {project}. It is not shown again:\n")
    if not settings.secrets():
        sys.stderr.write(
            "without SIGHTLINE_API_KEY or SIGHTLINE_ADMIN_PASSWORD the server asks no one here for a key\n"
        )
    return _say(secret)


def list_keys(options: argparse.Namespace, settings: Settings) -> int:
    """One line for each key."""
    project = ProjectId(options.project) if options.project else None
    with _there_already(settings) as metadata:
        rows = [
            (key.id[:8], key.project, key.role, key.name, _day(key.created_at), _day(key.revoked_at))
            for key in ProjectStore(metadata).keys(project)
        ]
    return _table(("id", "project", "role", "name", "created", "revoked"), rows)


def revoke_key(options: argparse.Namespace, settings: Settings) -> int:
    """End a key."""
    with _there_already(settings) as metadata:
        key = ProjectStore(metadata).revoke_key(options.id, now=_now())
    return _say(f"{key.id[:8]} ({key.name}) is revoked")


def update_prices(options: argparse.Namespace, settings: Settings) -> int:
    """Fetch a catalogue, look at it, and put it in place of the last as a whole."""
    from sightline_core.price_catalogue import Catalogue, UnusableCatalogue, read_catalogue
    from sightline_server.catalogue_download import download_catalogue

    with opened_metadata(settings) as metadata:
        prices = PriceStore(metadata)
        if options.undo:
            prices.drop_catalogue()
            return _say(f"prices are those of {Catalogue().source} again")
        if options.file is not None:
            document, source = _read(options), str(options.file.name)
        else:
            document, source = download_catalogue(settings.prices_url)
        now = _now()
        try:
            catalogue = read_catalogue(document, now)
        except UnusableCatalogue as error:
            raise CallerError(f"the catalogue from {source} is not used: {error}") from error
        before = prices.catalogue_sha256()
        stored = prices.replace_catalogue(document, source, now=now)
        if stored.sha256 == before:
            return _say("the prices were up to date")
        hint = "`sightline reprice` for calls of the past"
        return _say(f"{catalogue.size} models from {source}, sha256 {stored.sha256[:16]}; {hint}")


def list_prices(options: argparse.Namespace, settings: Settings) -> int:
    """The catalogue, then own prices, the last one winning."""
    from sightline_core.price_catalogue import Catalogue

    project = ProjectId(options.project) if options.project else None
    with _there_already(settings) as metadata:
        prices = PriceStore(metadata)
        stored, overrides = prices.catalogue(), prices.overrides(project)
    if stored is None:
        _say(f"catalogue: {Catalogue().source}, of this installation")
    else:
        _say(f"catalogue: {stored.source}, of {_day(stored.fetched_at)}, sha256 {stored.sha256[:16]}")
    rows = [
        (price.project, price.name, price.provider or "any", price.model, price.service_tier or "standard",
         str(price.input_usd_per_mtok), str(price.output_usd_per_mtok), _classes(price), _when(price))
        for price in overrides
    ]  # fmt: skip
    titles = ("project", "name", "provider", "model", "tier", "input", "output", "classes", "when")
    return _table(titles, rows) if rows else 0


def set_price(options: argparse.Namespace, settings: Settings) -> int:
    """Add or replace an own price."""
    override = PriceOverride(
        name=options.name,
        model=options.model,
        input_usd_per_mtok=options.input,
        output_usd_per_mtok=options.output,
        **{f"{name}_usd_per_mtok": getattr(options, name) for name in CLASSES},
        service_tier=tier_name(options.tier),
        project=options.project,
        provider=options.provider,
        start=options.start,
        end=options.end,
        long_context=_long_context(options),
    )
    check_override(override)  # before a store is made for it; the store asks again, as others write there too
    with opened_metadata(settings) as metadata:
        require_project(metadata, override.project)
        PriceStore(metadata).set_override(override, now=_now())
    return _say(f"{override.name}: {override.model} in project {override.project}; `reprice` for the past")


def remove_price(options: argparse.Namespace, settings: Settings) -> int:
    """Remove an own price."""
    with _there_already(settings) as metadata:
        PriceStore(metadata).remove_override(ProjectId(options.project), options.name)
    return _say(f"{options.name} is removed")


def _there_already(settings: Settings) -> AbstractContextManager[Engine]:
    """Open the metadata of a store; only what sets something makes one, where there is none."""
    if settings.database_url is None:
        require_store(settings)
    return opened_metadata(settings)


def _long_context(options: argparse.Namespace) -> LongContext | None:
    prices = {name: getattr(options, f"long_{name}") for name in PRICED}
    given = {name: price for name, price in prices.items() if price is not None}
    if options.long_above is None and not given:
        return None
    if options.long_above is None:
        raise CallerError("prices of a long context need --long-above")
    return LongContext(options.long_above, given)


def _read(options: argparse.Namespace) -> str:
    try:
        return str(options.file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = "it is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else error.strerror
        raise CallerError(f"{options.file} cannot be read: {reason}") from error


def _classes(price: PriceOverride) -> str:
    own = {name: price.usd_per_mtok(name) for name in CLASSES}
    told = [f"{name} {amount}" for name, amount in own.items() if amount is not None]
    if long := price.long_context:
        prices = ", ".join(f"{name} {amount}" for name, amount in long.usd_per_mtok.items())
        told.append(f"above {long.above_input_tokens}: {prices}")
    return ", ".join(told)


def _when(price: PriceOverride) -> str:
    return f"{_day(price.start) or '…'} – {_day(price.end) or '…'}" if price.start or price.end else "always"


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment is not None else ""


def _or(limit: int | None) -> str:
    return "as the server" if limit is None else str(limit) if limit else "unlimited"


def _limits(project: Project) -> str:
    own = project.own_limits().items()
    return ", ".join(f"{name} {value}" for name, value in own if value is not None) or "none"


def _now() -> datetime:
    return datetime.now(UTC)


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    widths = [max(len(str(line[column])) for line in (titles, *rows)) for column in range(len(titles))]
    for line in (titles, *rows):
        cells = (str(cell).ljust(width) for cell, width in zip(line, widths, strict=True))
        _say("  ".join(cells).rstrip())
    return 0


def _say(line: str) -> int:
    sys.stdout.write(f"{line}\n")
    return 0
