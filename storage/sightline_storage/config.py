"""Where the store is and how it is opened."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from sightline_core.errors import ConfigurationError

# `urlsplit` takes no more than one host with an address in brackets.
_URL = re.compile(r"(?P<scheme>clickhouses?)://(?P<authority>[^/?#]*)(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_PORT = re.compile(r"[0-9]{1,5}")
_PORTS = range(1, 65_536)


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """A ClickHouse server or cluster, from `clickhouse[s]://user:password@host:8123,host2:8123/database`."""

    hosts: tuple[tuple[str, int], ...]
    user: str
    password: str
    database: str
    secure: bool
    cluster: str
    replicated: bool

    @classmethod
    def parse(cls, url: str) -> "ServerAddress":
        """Read the URL; `?cluster=name` and `?replicated=1` choose the layout.

        Raises `ConfigurationError` in one line that never repeats the password.
        """
        found = _URL.fullmatch(url)
        if found is None:
            raise ConfigurationError("the ClickHouse URL must start with clickhouse:// or clickhouses://")
        secure = found["scheme"].lower() == "clickhouses"
        credentials, _, hosts = found["authority"].rpartition("@")
        parts = urlsplit(f"//hosts{found['rest']}")
        user, _, password = credentials.partition(":")
        query = parse_qs(parts.query, keep_blank_values=True)
        database, cluster = parts.path.strip("/") or "sightline", query.get("cluster", [""])[0]
        if not all(re.fullmatch(r"[\w.-]*", name) for name in (database, cluster)):
            raise ConfigurationError("names of databases and clusters have letters, digits, _, - and . only")
        if unknown := query.keys() - {"cluster", "replicated"}:
            raise ConfigurationError(f"the ClickHouse URL has an unknown option: {sorted(unknown)[0]}")
        if "cluster" in query and not cluster:
            raise ConfigurationError("the ClickHouse URL says cluster= without a name")
        replicated = query.get("replicated", ["0"])[0]
        if replicated not in ("0", "1", "false", "true"):
            raise ConfigurationError("replicated= in the ClickHouse URL is 1 or 0")
        if "," in hosts and not cluster and replicated in ("0", "false"):
            raise ConfigurationError(
                "the ClickHouse URL names several hosts, which need ?cluster=name or ?replicated=1:"
                " each would have a store of its own"
            )
        return cls(
            hosts=tuple(_host_and_port(host, 8443 if secure else 8123) for host in hosts.split(",")),
            user=unquote(user) or "default",
            password=unquote(password),
            database=database,
            secure=secure,
            cluster=cluster,
            replicated=replicated in ("1", "true"),
        )

    def shares_store_with(self, other: "ServerAddress") -> bool:
        """Return whether both name the same database of a host; a host of two names is not recognised."""
        return self.database == other.database and not set(self.hosts).isdisjoint(other.hosts)


def _host_and_port(text: str, default_port: int) -> tuple[str, int]:
    host, _, port = text.strip().rpartition(":") if ":" in text.rpartition("]")[2] else (text.strip(), "", "")
    if not host or (port and not _PORT.fullmatch(port)) or int(port or default_port) not in _PORTS:
        raise ConfigurationError("the ClickHouse URL names no host, or a port that is not from 1 to 65535")
    return host.strip("[]"), int(port or default_port)


@dataclass(frozen=True, slots=True)
class StoreConfig:
    """Exactly one of `data_dir` (embedded engine) and `clickhouse_url` (server or cluster) is set."""

    data_dir: Path | None = None
    clickhouse_url: str = ""

    def __post_init__(self) -> None:
        if (self.data_dir is None) == (not self.clickhouse_url):
            raise ConfigurationError("set either a data directory or a ClickHouse URL for the store")
