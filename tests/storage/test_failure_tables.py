"""The failure tables in Python are those of the revision."""

from pathlib import Path

from sqlalchemy import inspect

from sightline_storage.failures import failure_tables
from sightline_storage.metadata.job_progress import JOB_PROGRESS
from sightline_storage.metadata.metadata_database import open_metadata, sqlite_url
from sightline_storage.metadata.metadata_tables import METADATA


def test_failure_tables_in_python_are_those_of_the_revisions(tmp_path: Path) -> None:
    engine = open_metadata(sqlite_url(tmp_path))
    stored = inspect(engine)
    tables = [METADATA.tables[name] for name in METADATA.tables if name.startswith("failure_")]
    assert failure_tables.FAILURE_CLUSTERS in tables
    assert JOB_PROGRESS in tables
    for table in tables:
        columns = {column["name"]: column["nullable"] for column in stored.get_columns(table.name)}
        assert columns == {column.name: column.nullable for column in table.columns}
    engine.dispose()
