"""What a deployment may set: one frozen object, read once at the edge of a process and passed in.

Every limit says what it bounds and what breaks without it. The mapping is an argument (the process's
environment, or a test's dictionary), so this module stays pure; only ``fundwatch/`` reads the environment.
Passwords can also come from a mounted file: ``<NAME>_FILE`` names it and the caller reads it before this.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from typing import Literal, cast
from urllib.parse import parse_qsl, urlencode, urlsplit

ClockMode = Literal["live", "manual"]
PREFIX = "FUNDWATCH_"
FILE_SUFFIX = "_FILE"
# Only secrets may come from a mounted file; for anything else a file would only hide what is set.
SECRET_NAMES = ("KAFKA_PASSWORD", "TOKEN_SECRET", "REDIS")
# Variables of ours that are no settings: by which the supervisor knows its children, the feed command's token, and how
# many examples tests draw.
_OF_OTHERS = ("SYSTEM", "PART", "FEED_TOKEN", "EXAMPLES")


class SettingRefused(ValueError):
    """A setting has a value that cannot be used; carries its name, the value and what was expected."""

    def __init__(self, name: str, value: str, expected: str) -> None:
        super().__init__(f"{name}={value!r}: expected {expected}")
        self.name, self.value, self.expected = name, value, expected


class SettingUnknown(SettingRefused):
    """A variable with our prefix that nothing reads; carries its name, never its value, which may be a secret."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        (closest, *_) = get_close_matches(name, sorted(known), n=1, cutoff=0)
        ValueError.__init__(self, f"{name}: no such setting; the closest one is {closest}")
        self.name, self.value, self.expected = name, "", closest


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, with the defaults of a single machine. Field ``x_y`` is read from ``FUNDWATCH_X_Y``."""

    # Addresses. Empty = the servers that `fundwatch up` started here, found in the home folder's runtime file.
    kafka: str = ""
    redis: str = field(default="", repr=False)  # it may hold a password: see `without_password`
    # Prefix of every topic, group, transactional id ("<namespace>.") and Redis key ("<namespace>:").
    namespace: str = ""
    home: str = ".fundwatch"
    # Name of a worker that is the same after its restart (the pod's, the supervisor's): the group then gives it back
    # its partitions at once instead of waiting out the session of the one that died. Two workers never share one.
    worker: str = ""

    # One number for all keyed topics: a region's records meet in one partition of each (docs/adr/0001).
    # Four keeps two workers busy on a laptop; a province takes as many as it will ever have worker cores.
    partitions: int = 4
    replication_factor: int = 1

    kafka_security_protocol: str = "PLAINTEXT"
    kafka_sasl_mechanism: str = ""
    kafka_username: str = ""
    kafka_password: str = field(default="", repr=False)
    # Authorities that the servers' certificates are signed by (PEM); empty = those that this machine trusts anyway.
    kafka_cafile: str = ""
    redis_cafile: str = ""

    # A micro-batch ends at whichever comes first. Records bound the work that a crash repeats; bytes bound memory:
    # a batch is held with its outputs and rows, about four times its size, once per shard.
    batch_records_max: int = 2_000
    batch_bytes_max: int = 4_194_304
    # And the judge ends one as soon as it has so much to write: a county's register tells some 5,000 facts by one
    # record, and a batch of many would take a gigabyte, and longer than a busy machine lives between two crashes.
    batch_outputs_max: int = 10_000
    # A killed worker's partitions move after the session time-out; shorter ones turn a long pause into a rebalance.
    session_timeout_ms: int = 6_000
    heartbeat_interval_ms: int = 1_500
    # A transaction left open by a killed worker is aborted by its successor; this is for the case of none coming.
    transaction_timeout_ms: int = 20_000
    # Kafka answers a small transaction that follows another closely with a retriable error; 100 ms (the library's
    # default) would be the commit time's 99th percentile, 5 ms was measured to be a third of it.
    retry_backoff_ms: int = 5

    # live = the leader ticks by the wall clock; manual = whoever plays a journal sends the ticks (replay, demo, tests).
    clock: ClockMode = "live"
    # Comma-separated rule ids to judge; empty = the catalogue's defaults. Named ones are switched on where allowed.
    rules: str = ""

    metrics_host: str = "127.0.0.1"  # where a worker answers probes and Prometheus; 0.0.0.0 in a container
    metrics_port: int = 0  # 0 = a free one, found in the runtime file
    feed_host: str = "127.0.0.1"
    feed_port: int = 0
    # Live feeds at once. Each holds a connection and up to 1.5 MB of records that it has not taken: a bound on what a
    # fault of clients can cost. One more is answered 503 and comes again.
    feed_clients_max: int = 1_000
    # Secret that signs feed tokens; empty = made at first start and kept in the home folder, where its owner alone
    # may read it.
    token_secret: str = field(default="", repr=False)
    log_level: str = "INFO"

    @property
    def folder(self) -> str:
        """Where this system keeps its own things: runtime file, logs, servers' data, workers' state."""
        return f"{self.home}/namespaces/{self.namespace}" if self.namespace else self.home

    def topic(self, name: str) -> str:
        """The name on the broker of the topic that the contract calls ``name``."""
        return f"{self.namespace}.{name}" if self.namespace else name

    def redis_key(self, name: str) -> str:
        """The key in Redis of what the contract calls ``name``."""
        return f"{self.namespace}:{name}" if self.namespace else name


def names_in(text: str) -> tuple[str, ...]:
    """The names in a comma-separated text, in its order; blanks around them and empty ones are left out."""
    return tuple(filter(None, (name.strip() for name in text.split(","))))


def right_refused(settings: Settings, what: str) -> str:
    """What to tell of a right that the broker does not give: ``what`` it does not let the user do."""
    user = settings.kafka_username or "this client"
    return f"the broker does not let {user} {what}; see Kafka and Redis in docs/operations.md"


def settings_from(environ: Mapping[str, str], **overrides: object) -> Settings:
    """Settings from a mapping such as the environment; ``overrides`` win (command-line options).

    Raises SettingRefused naming the variable when a value has the wrong form or range, or when nothing reads it.
    """
    _refuse_unknown(environ)
    values: dict[str, object] = {}
    for each in fields(Settings):
        name = PREFIX + each.name.upper()
        raw = environ.get(name)
        if raw is None or raw == "":
            continue
        values[each.name] = _whole_number(name, raw) if each.type == "int" else raw
    values.update({name: value for name, value in overrides.items() if value is not None})
    settings = Settings(**cast("dict[str, str]", values))  # type: ignore[arg-type]  # checked field by field above
    _refuse_nonsense(settings)
    return settings


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    """A misspelt name would leave a limit or an address at its default, and nobody would know."""
    known = {PREFIX + each.name.upper() for each in fields(Settings)} | {PREFIX + name for name in _OF_OTHERS}
    known |= {PREFIX + name + FILE_SUFFIX for name in SECRET_NAMES}
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in known:
            raise SettingUnknown(name, known)


def _whole_number(name: str, raw: str) -> int:
    try:
        number = int(raw)
    except ValueError:
        raise SettingRefused(name, raw, "a whole number") from None
    if number < 0:
        raise SettingRefused(name, raw, "a number not below 0")
    return number


def _refuse_nonsense(settings: Settings) -> None:
    if settings.clock not in ("live", "manual"):
        raise SettingRefused(PREFIX + "CLOCK", settings.clock, "live or manual")
    for name in _AT_LEAST_ONE:
        if (value := getattr(settings, name)) < 1:
            raise SettingRefused(PREFIX + name.upper(), str(value), "at least 1")
    if settings.rules and not names_in(settings.rules):
        raise SettingRefused(PREFIX + "RULES", settings.rules, "names of rules, or nothing for all of them")
    _refuse_what_libraries_would(settings)
    _refuse_half_secured(settings)
    _refuse_redis(settings)
    allowed = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
    if not set(settings.namespace) <= allowed:
        raise SettingRefused(PREFIX + "NAMESPACE", settings.namespace, "letters, digits, '_' and '-'")


_AT_LEAST_ONE = ("partitions", "batch_records_max", "batch_bytes_max", "batch_outputs_max", "feed_clients_max")
_PROTOCOLS = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
_MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
# With "+cluster" for a Redis Cluster; with a second "s" over TLS.
_REDIS_TLS = ("rediss", "rediss+cluster")
_REDIS_SCHEMES = ("redis", "redis+cluster", *_REDIS_TLS)
_SOCKET = "unix"
# What an error shows of a value that may hold a password.
HIDDEN = "(not shown)"
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_PORT_MAX = 65_535


def _refuse_what_libraries_would(settings: Settings) -> None:
    """What a client would refuse later, deep in a traceback and under a name of its own."""
    choices = (("KAFKA_SECURITY_PROTOCOL", settings.kafka_security_protocol, _PROTOCOLS),)
    for name, value, allowed in (*choices, ("LOG_LEVEL", settings.log_level, _LEVELS)):
        if value not in allowed:
            raise SettingRefused(PREFIX + name, value, f"one of {', '.join(allowed)}")
    for name, port in (("METRICS_PORT", settings.metrics_port), ("FEED_PORT", settings.feed_port)):
        if port > _PORT_MAX:
            raise SettingRefused(PREFIX + name, str(port), f"a port, at most {_PORT_MAX}")
    for server in names_in(settings.kafka):
        if not server.rpartition(":")[0] or not server.rpartition(":")[2].isdigit():
            raise SettingRefused(PREFIX + "KAFKA", settings.kafka, "addresses such as host:9092,host:9092")
    if settings.heartbeat_interval_ms >= settings.session_timeout_ms:
        expected = f"less than the session time-out of {settings.session_timeout_ms}"
        raise SettingRefused(PREFIX + "HEARTBEAT_INTERVAL_MS", str(settings.heartbeat_interval_ms), expected)


def _refuse_half_secured(settings: Settings) -> None:
    """What would connect without the security that somebody asked for, or could never log in."""
    protocol, mechanism = settings.kafka_security_protocol, settings.kafka_sasl_mechanism
    if mechanism and mechanism not in _MECHANISMS:
        raise SettingRefused(PREFIX + "KAFKA_SASL_MECHANISM", mechanism, f"one of {', '.join(_MECHANISMS)}")
    if not protocol.startswith("SASL_"):
        if mechanism or settings.kafka_password:
            expected = "SASL_SSL (or SASL_PLAINTEXT), since a SASL mechanism or a password is set"
            raise SettingRefused(PREFIX + "KAFKA_SECURITY_PROTOCOL", protocol, expected)
    else:
        for name, value, expected in (
            ("KAFKA_SASL_MECHANISM", mechanism, f"one of {', '.join(_MECHANISMS)}"),
            ("KAFKA_USERNAME", settings.kafka_username, "the name of a user"),
            ("KAFKA_PASSWORD", settings.kafka_password, "the password of that user"),
        ):
            if not value:
                raise SettingRefused(PREFIX + name, value, f"{expected}, since the security protocol is {protocol}")
    if settings.kafka_cafile and not protocol.endswith("SSL"):
        expected = "SASL_SSL or SSL, since FUNDWATCH_KAFKA_CAFILE is set"
        raise SettingRefused(PREFIX + "KAFKA_SECURITY_PROTOCOL", protocol, expected)


def _refuse_redis(settings: Settings) -> None:
    """A URL that is read otherwise than it was meant, a part of the password as a port or a path among it."""
    if not settings.redis:
        return
    expected = "an address such as redis://host:6379/0 or rediss://user:password@host:6379/0"
    try:
        parts = urlsplit(settings.redis)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    is_server = parts.scheme in _REDIS_SCHEMES and bool(parts.hostname) and port != 0
    is_whole = parts.path.strip("/").isdecimal() or parts.path in {"", "/"}
    if parts.scheme != _SOCKET and not (is_server and is_whole and not parts.fragment and "@" not in parts.query):
        signs = "signs such as / ? # @ : in a password are written %2F %3F %23 %40 %3A"
        raise SettingRefused(PREFIX + "REDIS", HIDDEN, f"{expected}; {signs}")
    if settings.redis_cafile and parts.scheme not in _REDIS_TLS:
        expected = "an address that begins with rediss:// (TLS), since FUNDWATCH_REDIS_CAFILE is set"
        raise SettingRefused(PREFIX + "REDIS", without_password(settings.redis), expected)


def without_password(url: str) -> str:
    """An address of Redis as it may be shown and written down: user and options stay, passwords go."""
    if not url:
        return url
    parts = urlsplit(url)
    account, at, host = parts.netloc.rpartition("@")
    user = account.partition(":")[0]
    options = [(name, value) for name, value in parse_qsl(parts.query) if "password" not in name]
    shown = f"{parts.scheme}://{user}{at if user else ''}{host}{parts.path}"
    return f"{shown}?{urlencode(options)}" if options else shown
