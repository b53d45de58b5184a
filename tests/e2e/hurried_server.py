"""`sightline` whose background jobs rest a second, not up to twenty: for tests that wait for many turns.

Each turn does what it always does; only the pauses, and how soon a dead process is replaced, are shorter.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from functools import partial

from sightline_server import background_jobs, composition, jobs
from sightline_server.alerting import wiring
from sightline_server.cli import main
from sightline_storage.alerts import alert_outbox

if __name__ == "__main__":
    background_jobs.ROLLUP_PERIOD = background_jobs.FAILURE_PERIOD = timedelta(seconds=1)
    wiring.LOOK_EVERY = wiring.DELIVER_EVERY = alert_outbox.FIRST_PAUSE = timedelta(seconds=1)
    jobs._SHARE_OF_CPU = jobs._SHARE_OF_TIME = 0.5
    composition.JobRunner = partial(jobs.JobRunner, renew_every_s=2.0)  # type: ignore[attr-defined, assignment]
    sys.exit(main())
