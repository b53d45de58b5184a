"""Log lines for an operator: a constant message, then its facts as `name=value`."""

import logging
import time

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
        facts = (f" {name}={_shown(value)}" for name, value in vars(record).items() if name not in _STANDARD)
        return super().formatMessage(record) + "".join(facts)


def configure_logging(level: str) -> None:
    """Write log lines of `level` and above to standard error; what libraries say only from warning on."""
    handler = logging.StreamHandler()
    handler.addFilter(lambda record: not record.name.startswith(_REPEATED))
    handler.setFormatter(FactsFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)


def _shown(value: object) -> str:
    text = str(value)
    return text if text.isprintable() and text and " " not in text else repr(text)
