"""Runs the Alembic revisions from code; there is no `alembic.ini`."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Engine, text

from sightline_core.errors import ConfigurationError

# Any number of processes may start at once; this one key lets the first migrate and the others wait.
_POSTGRES_LOCK = 5_318_008_318


def migrate_metadata(engine: Engine) -> None:
    """Bring the metadata schema to its newest revision, in one transaction.

    Raises `ConfigurationError` when the database was migrated by a newer version of Sightline.
    """
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            # However long another one migrates, and whatever a revision has to rewrite.
            for name in ("lock_timeout", "statement_timeout"):
                connection.execute(text(f"SET LOCAL {name} = 0"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _POSTGRES_LOCK})
        config = _config()
        config.attributes["connection"] = connection
        with _newer_ones_refused():
            command.upgrade(config, "head")


def lacking_revisions(engine: Engine) -> list[str]:
    """Return what `migrate_metadata` would run, and change nothing; raises as it does."""
    with engine.begin() as connection:
        current = MigrationContext.configure(connection).get_current_heads()
    revisions = ScriptDirectory.from_config(_config())
    with _newer_ones_refused():
        revisions.get_revisions(current)
    lacking = revisions.iterate_revisions("head", current or "base")
    return [revision.revision for revision in lacking][::-1]


@contextmanager
def _newer_ones_refused() -> Iterator[None]:
    try:
        yield
    except CommandError as error:
        if "Can't locate revision" not in str(error):
            raise
        raise ConfigurationError(
            "the metadata was migrated by a newer Sightline; upgrade this process"
        ) from error


def metadata_dry_run(dialect: str) -> str:
    """Return the DDL of all revisions for `sqlite` or `postgresql` as text."""
    config = _config()
    config.attributes["dialect"] = dialect
    config.output_buffer = io.StringIO()
    command.upgrade(config, "head", sql=True)
    return config.output_buffer.getvalue()


def head_revision() -> str:
    """Return the newest revision's id; raises when the revisions are not one chain."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    return config
