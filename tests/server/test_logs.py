"""Log lines: one for each thing that is told, whatever it is told with."""

import json
import subprocess
import sys

_CODE = """
import logging, sys
from pathlib import Path
from sightline_server.logs import configure_logging

configure_logging("info", sys.argv[1])
log = logging.getLogger("sightline_server.jobs")
facts = {"reason": "two\\nlines", "after_s": 1.5, "folder": Path("/d"), "level": "no"}
log.info("a job goes on", extra=facts)
try:
    raise KeyError("a defect of ours")
except KeyError:
    log.exception("a job fails", extra={"job": "retention"})
log.debug("not told")
"""


def _told(form: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", _CODE, form], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stderr.splitlines()


def test_json_lines_have_a_time_a_level_the_facts_and_the_traceback() -> None:
    first, second = (json.loads(line) for line in _told("json"))
    times = [line.pop("time") for line in (first, second)]
    assert all(time.endswith("Z") and "T" in time for time in times)
    assert first == {
        "level": "info",
        "logger": "sightline_server.jobs",
        "message": "a job goes on",
        "reason": "two\nlines",
        "after_s": 1.5,
        "folder": "/d",
    }
    exception = second.pop("exception")
    assert exception.startswith("Traceback")
    assert exception.endswith("KeyError: 'a defect of ours'")
    assert second == {
        "level": "error",
        "logger": "sightline_server.jobs",
        "message": "a job fails",
        "job": "retention",
    }


def test_a_fact_of_text_lines_begins_no_line_of_its_own() -> None:
    first, second, *traceback = _told("text")
    _, told = first.split(" INFO sightline_server.jobs: ")
    assert told == r"a job goes on reason='two\nlines' after_s=1.5 folder=/d level=no"
    assert second.endswith("ERROR sightline_server.jobs: a job fails job=retention")
    assert traceback[0].startswith("Traceback")
