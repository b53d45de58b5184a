"""The table of requests for deletion in Python is that of the revision."""

from pathlib import Path

from sqlalchemy import inspect

from sightline_storage.lifecycle.deletion_table import DELETIONS
from sightline_storage.metadata.metadata_database import open_metadata, sqlite_url


def test_the_table_of_deletions_in_python_is_that_of_the_revision(tmp_path: Path) -> None:
    engine = open_metadata(sqlite_url(tmp_path))
    columns = {column["name"]: column["nullable"] for column in inspect(engine).get_columns("deletions")}
    assert columns == {column.name: column.nullable for column in DELETIONS.columns}
    engine.dispose()
