"""What the hourly job drops, over real stores."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from tests.made_spans import span_maker

from sightline_core.errors import BackendError
from sightline_core.ids import DEFAULT_PROJECT, ProjectId
from sightline_core.settings import Settings
from sightline_server.background_jobs import background_jobs
from sightline_server.jobs import Job
from sightline_server.project_book import ProjectBook
from sightline_server.stores import Stores
from sightline_storage import StoreConfig, open_store
from sightline_storage.alerts.alert_records import Look
from sightline_storage.alerts.alert_rule_store import AlertRuleStore
from sightline_storage.alerts.alert_tables import ALERT_INCIDENTS, ALERT_OUTBOX, ALERT_TIMELINE
from sightline_storage.alerts.incident_store import IncidentStore
from sightline_storage.engines.engine import Node
from sightline_storage.metadata.project_store import ProjectStore

SHOP = ProjectId("shop")


def _run_retention(tmp_path: Path, metadata: Engine, retention_days: int) -> None:
    with closing(open_store(StoreConfig(data_dir=tmp_path))) as store:
        assert not _retention(Stores(store, metadata), tmp_path, retention_days).run()


def _retention(stores: Stores, tmp_path: Path, retention_days: int) -> Job:
    settings = Settings(data_dir=tmp_path, retention_days=retention_days)
    projects = ProjectBook(ProjectStore(stores.metadata), settings.ingest_limits())
    projects.refresh()
    jobs = background_jobs(stores, settings, projects, lambda: None)
    (retention,) = (job for job in jobs if job.name == "retention")
    return retention


def _incident(metadata: Engine, project: ProjectId, days_ago: int, *, is_over: bool) -> str:
    """Open an incident days ago, of which a channel was told; it may be over a second later."""
    at, incident = datetime.now(UTC) - timedelta(days=days_ago), f"{project}-{days_ago}"
    AlertRuleStore(metadata).put_rule(project, incident, {"key": incident}, at)
    told = (("pager", {"action": "trigger"}),)
    opened = Look((), None, None, at, incident, opens=True, level="alert", facts={}, messages=told)
    over = Look((), None, None, at + timedelta(seconds=1), incident, resolves=True)
    for look in (opened, over) if is_over else (opened,):
        kind = "opened" if look.opens else "resolved"
        IncidentStore(metadata).record_looks(project, incident, [replace(look, timeline=((kind, ""),))])
    return incident


@pytest.mark.parametrize(
    ("retention_days", "dropped"),
    [(0, {"shop-101"}), (7, {"shop-101", "default-101", "default-99"})],
    ids=["for ever", "a week"],
)
def test_incidents_go_with_the_spans_of_their_project_but_not_for_ninety_days_nor_while_they_are_open(
    tmp_path: Path, metadata: Engine, retention_days: int, dropped: set[str]
) -> None:
    now = datetime.now(UTC)
    ProjectStore(metadata).set_project(SHOP, now=now, name="Shop", retention_days=100)
    names = {
        _incident(metadata, project, days_ago, is_over=days_ago < 400)
        for project in (DEFAULT_PROJECT, SHOP)
        for days_ago in (89, 99, 101, 400)
    }
    _run_retention(tmp_path, metadata, retention_days)
    with metadata.begin() as connection:
        kept = [
            set(connection.execute(select(column)).scalars().all())
            for column in (ALERT_INCIDENTS.c.id, ALERT_TIMELINE.c.incident, ALERT_OUTBOX.c.incident)
        ]
    assert kept == [names - dropped] * 3


def test_a_project_whose_spans_cannot_be_dropped_holds_up_no_other(
    tmp_path: Path, metadata: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store refuses what is asked first, as it does where a partition is on a disk that fails."""
    ProjectStore(metadata).set_project(SHOP, now=datetime.now(UTC), name="Shop")
    with closing(open_store(StoreConfig(data_dir=tmp_path))) as store:
        spans = [span_maker(project)() for project in (DEFAULT_PROJECT, SHOP)]
        store.writer.write(spans, token="old")
        retention, nodes = _retention(Stores(store, metadata), tmp_path, 7), type(store.engine.nodes()[0])
        command = nodes.command
        refused: list[str] = []

        def command_elsewhere(self: Node, sql: str, params: Mapping[str, Any] | None = None) -> None:
            if "DROP PARTITION" in sql and not refused:
                refused.append(sql)
                sql = sql.replace("ALTER TABLE spans", "ALTER TABLE spans_of_another_disk")
            command(self, sql, params)

        monkeypatch.setattr(nodes, "command", command_elsewhere)
        with pytest.raises(BackendError, match="project default: ClickHouse failed"):
            retention.run()
        assert store.engine.query("SELECT project FROM spans", {}) == [(DEFAULT_PROJECT,)]
        assert not retention.run()
        assert store.engine.query("SELECT project FROM spans", {}) == []
