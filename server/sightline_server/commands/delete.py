"""What `sightline delete` does, in this process or in the one that holds the embedded store."""

import argparse
import json
import re
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine

from sightline_core.errors import BackendError, CallerError, StoreLocked
from sightline_core.ids import DEFAULT_PROJECT
from sightline_core.plain_text import counted
from sightline_core.settings import Settings
from sightline_server.commands.confirmation import confirmed
from sightline_server.control import ask_server
from sightline_server.stores import Stores, opened_metadata, opened_stores, require_project, require_store
from sightline_storage.lifecycle.deletion_requests import DeletionRequest, DeletionRequests, keep_requests


def delete(options: argparse.Namespace, settings: Settings) -> int:
    """Delete traces, or all of users or sessions."""
    if options.kind == "trace":
        for value in options.values:
            if not re.fullmatch("[0-9a-f]{32}", value):
                raise CallerError(f"{value[:80]!r} is no trace id: 32 lower-case hex digits")
    require_store(settings)
    return _carry_out(options.project, options.kind, options.values, settings)


def delete_project(options: argparse.Namespace, settings: Settings) -> int:
    """Delete a project with everything in it."""
    project = options.project
    if project == DEFAULT_PROJECT:
        raise CallerError("the default project cannot be deleted: it takes what comes without another key")
    require_store(settings)
    with opened_metadata(settings) as metadata:
        require_project(metadata, project)
    question = f"Delete project {project} with its keys and everything that is stored and set up in it?"
    if not options.yes and not confirmed(question):
        return 1
    return _carry_out(project, "project", [project], settings)


def _carry_out(project: str, kind: str, values: Sequence[str], settings: Settings) -> int:
    asked = json.dumps({"project": project, "kind": kind, "values": values})
    with ExitStack() as opened:
        try:
            stores = opened.enter_context(opened_stores(settings, hold_data_dir=False))
        except StoreLocked:
            said = ask_server(settings.data_dir, "delete", asked)
        except BackendError as error:
            _keep(opened.enter_context(opened_metadata(settings)), asked)
            raise _kept(error) from error
        else:
            said = delete_in(stores, asked)
    sys.stdout.write(f"{said}\n")
    return 0


def delete_in(stores: Stores, argument: str) -> str:
    """Carry out what `delete` asks; return what is told to the operator.

    All of it is kept before the first of it is carried out, so that none is forgotten where the store stops.
    """
    requests = _keep(stores.metadata, argument)
    carried_out = DeletionRequests(stores.metadata, stores.spans.engine)
    now = datetime.now(UTC)
    try:
        deleted = sum(carried_out.carry_out(request, now).traces for request in requests)
    except BackendError as error:
        raise _kept(error) from error
    last = requests[-1]
    what = f"project {last.project} and its " if last.kind == "project" else ""
    return (
        f"{what}{counted(deleted, 'trace')} deleted. A running server takes them off the disk within minutes"
        " and repeats this for a day, for spans that are still on their way"
    )


def _keep(metadata: Engine, argument: str) -> list[DeletionRequest]:
    asked: dict[str, Any] = json.loads(argument)
    project = require_project(metadata, asked["project"])
    now = datetime.now(UTC)
    return keep_requests(metadata, project, asked["kind"], asked["values"], by="command line", now=now)


def _kept(error: BackendError) -> BackendError:
    return BackendError(
        f"{error}; all that was asked for is kept: a running server carries it out once the store answers"
    )
