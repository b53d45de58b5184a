"""A run of the SQL console that is stopped while it goes on."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from tests.e2e.polling import until

from sightline_core.errors import CallerError
from sightline_core.ids import ProjectId
from sightline_storage.console.sql_console import SqlConsole


def stop_a_run(console: SqlConsole, project: ProjectId) -> None:
    """Begin what 300 spans of the project make last for ever, stop it, and see that it was."""
    cross = "spans a, spans b, spans c, spans d"
    slow = f"SELECT count() FROM {cross} WHERE sipHash64(a.span_id, b.span_id, c.span_id, d.span_id) = 1"
    run_id = uuid4()
    with ThreadPoolExecutor() as threads:
        running = threads.submit(console.run, project, slow, limit=1, run_id=run_id)

        def stopped() -> bool:
            console.stop(run_id)
            return running.done()

        until(stopped)
        with pytest.raises(CallerError, match="its caller left"):
            running.result()
