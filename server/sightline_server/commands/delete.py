"""What `sightline delete` does, in this process or in the one that holds the embedded store."""

import argparse
import json
import re
import sys
from datetime import UTC, datetime
from typing import Any

from sightline_core.errors import BackendError, CallerError, StoreLocked
from sightline_core.settings import Settings
from sightline_server.control import ask_server
from sightline_server.stores import Stores, opened_stores, require_project, require_store
from sightline_storage.lifecycle.deletion_requests import DeletionRequests


def delete(options: argparse.Namespace, settings: Settings) -> int:
    """Delete traces, users or sessions."""
    if options.kind == "trace":
        for value in options.values:
            if not re.fullmatch("[0-9a-f]{32}", value):
                raise CallerError(f"{value[:80]!r} is no trace id: 32 lower-case hex digits")
    require_store(settings)
    asked = {"project": options.project, "kind": options.kind, "values": options.values}
    try:
        with opened_stores(settings, hold_data_dir=False) as stores:
            said = delete_in(stores, json.dumps(asked))
    except StoreLocked:
        said = ask_server(settings.data_dir, "delete", json.dumps(asked))
    sys.stdout.write(f"{said}\n")
    return 0


def delete_in(stores: Stores, argument: str) -> str:
    """Carry out what `delete` asks; return what is told to the operator.

    All of it is kept before the first of it is carried out, so that none is forgotten where the store stops.
    """
    asked: dict[str, Any] = json.loads(argument)
    requests = DeletionRequests(stores.metadata, stores.spans.engine)
    project = require_project(stores.metadata, asked["project"])
    now, values = datetime.now(UTC), asked["values"]
    kept = requests.ask_all(project, asked["kind"], values, by="command line", now=now)
    try:
        deleted = sum(requests.carry_out(request, now).traces for request in kept)
    except BackendError as error:
        raise BackendError(
            f"{error}; all that was asked for is kept: a running server carries it out once the store answers"
        ) from error
    return (
        f"{deleted} traces deleted. A running server takes them off the disk within minutes and repeats this"
        " for a day, for spans that are still on their way"
    )
