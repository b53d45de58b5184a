"""Log lines for an operator: a constant message, then its facts as `name=value`, or all of it as JSON."""

import json
import logging
import time
from typing import Literal

from sightline_core.request_id import request_id

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_NOISY = ("uvicorn", "httpx", "httpcore", "alembic")
_REPEATED = ("urllib3", "clickhouse_connect")
"""What goes wrong there is raised too, and told by whoever meets it."""


class FactsFormatter(logging.Formatter):
    """Appends what `extra` gave, quoted and escaped where needed: a line stays a line."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def formatMessage(self, record: logging.LogRecord) -> str:
        """Return the line without its traceback."""
        facts = (f" {name}={_shown(value)}" for name, value in _facts(record).items())
        return super().formatMessage(record) + "".join(facts)


class JsonFormatter(FactsFormatter):
    """Writes one object on one line, its traceback as `exception`; facts are members beside the others."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = {
            **_facts(record),
            "time": self.formatTime(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def configure_logging(level: str, form: Literal["text", "json"] = "text") -> None:
    """Write log lines of `level` and above to standard error; what libraries say only from warning on."""
    handler = logging.StreamHandler()
    handler.addFilter(lambda record: not record.name.startswith(_REPEATED))
    text = FactsFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    handler.setFormatter(JsonFormatter() if form == "json" else text)
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)


def _facts(record: logging.LogRecord) -> dict[str, object]:
    facts = {name: value for name, value in vars(record).items() if name not in _STANDARD}
    return {**facts, "request_id": asked} if (asked := request_id.get()) else facts


def _shown(value: object) -> str:
    text = str(value)
    return text if text.isprintable() and text and " " not in text else repr(text)
