"""The table of saved views in Python is that of the revision."""

from pathlib import Path

from sqlalchemy import inspect

from sightline_storage.metadata.metadata_database import open_metadata, sqlite_url
from sightline_storage.metadata.saved_view_table import SAVED_VIEWS


def test_the_table_of_saved_views_in_python_is_that_of_the_revision(tmp_path: Path) -> None:
    engine = open_metadata(sqlite_url(tmp_path))
    stored = inspect(engine)
    columns = {column["name"]: column["nullable"] for column in stored.get_columns("saved_views")}
    assert columns == {column.name: column.nullable for column in SAVED_VIEWS.columns}
    (unique,) = stored.get_unique_constraints("saved_views")
    assert unique["column_names"] == ["project", "page", "name"]
    engine.dispose()
