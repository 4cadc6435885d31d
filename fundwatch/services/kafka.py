"""A real Apache Kafka broker on this machine: one KRaft node, jars through Maven, a small heap.

Figures are from the project's machine (2 cores): 1.5 s from start to the first answer with the class archive, 3.3 s
without; about 150 MB resident; 1.3 s to format the storage, once.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from fundwatch.services.part import Kind, Launch, ServiceError, Tell
from fundwatch.services.ports import HOST, is_listening

VERSION = "4.1.1"
_POM = Path(__file__).with_name("pom.xml")
_JAVA_LOWEST = 17
# A new cluster's id: 16 bytes in base64. The clusters here never meet, so one is enough.
_CLUSTER_ID = "ZnVuZHdhdGNoLWxvY2FsLQ"
# The first answer of a registry can be slow; a Maven that hangs longer than this will not come back.
_FETCH_S_MAX = 600
_FORMAT_S_MAX = 60

# Heap: 64 MB at rest, 256 MB are enough for the topics of several systems. The serial collector and the first
# compiler alone spare the two cores that the workers need.
_JVM = ("-Xms64m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true")
_LOGGING = (
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
)


def kind(home: str, folder: str) -> Kind:
    """The broker of the system in ``folder``; jars and class archive are shared by all systems of ``home``."""
    return Kind(
        ports=("broker", "controller"),
        launch=lambda ports: _launch(Path(home), Path(folder), ports),
        is_ready=lambda ports: is_listening(ports["broker"]),
    )


def address(ports: Mapping[str, int]) -> str:
    """The bootstrap servers of the broker on ``ports``."""
    return f"{HOST}:{ports['broker']}"


def prepare(home: str, folder: str, tell: Tell) -> None:
    """Fetch the jars and format the storage, each if it was not done before.

    Raises ServiceError with the one thing that is missing.
    """
    java = _java()
    jars = _jars(Path(home))
    if not jars.is_dir():
        _fetch(jars, tell)
    data = _data(Path(folder))
    if not data.is_dir():
        tell("Kafka: formatting the storage")
        _format(java, jars, data)


def _java() -> str:
    home = os.environ.get("JAVA_HOME", "")
    java = shutil.which("java", path=str(Path(home) / "bin")) if home else shutil.which("java")
    if java is None:
        raise ServiceError("Java is missing: install a runtime of version 17 or later (openjdk-17-jre-headless)")
    answer = subprocess.run(
        [java, "-XshowSettings:properties", "-version"], capture_output=True, text=True, check=False
    )
    lines = [
        line.split("=")[1].strip() for line in answer.stderr.splitlines() if "java.specification.version =" in line
    ]
    # Up to version 8 it is called 1.8.
    found = int(lines[0].removeprefix("1.")) if lines else 0
    if found < _JAVA_LOWEST:
        raise ServiceError(f"Java {found} is too old for Kafka {VERSION}: version {_JAVA_LOWEST} or later is needed")
    return java


def _fetch(jars: Path, tell: Tell) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise ServiceError("Maven is missing: install it (apt-get install maven); the Kafka jars come through it")
    tell(f"Kafka: fetching the jars of {VERSION} through Maven (43 MB, once)")
    fresh = jars.with_name(f"jars.{os.getpid()}")
    shutil.rmtree(fresh, ignore_errors=True)
    command = [
        *(maven, "--quiet", "--batch-mode", "--file", str(_POM)),
        *("dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={fresh}"),
    ]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_FETCH_S_MAX)
    except subprocess.TimeoutExpired:
        raise ServiceError(f"Maven did not fetch the Kafka jars within {_FETCH_S_MAX} s") from None
    if answer.returncode != 0:
        complaints = [line for line in answer.stdout.splitlines() if "[ERROR]" in line] or ["no reason given"]
        raise ServiceError(f"Maven could not fetch the Kafka jars: {complaints[0].removeprefix('[ERROR]').strip()}")
    _keep(fresh, jars)


def _keep(fresh: Path, kept: Path) -> None:
    """Put what was made under its name at once; another process may have been quicker, which is as good."""
    try:
        fresh.rename(kept)
    except OSError:
        shutil.rmtree(fresh)
        if not kept.is_dir():
            raise


def _format(java: str, jars: Path, data: Path) -> None:
    fresh = data.with_name("data.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.parent.mkdir(parents=True, exist_ok=True)
    settings = fresh.parent / "format.properties"
    # Formatting needs a valid configuration, but keeps no port of it.
    settings.write_text(_properties(fresh, {"broker": 1, "controller": 2}), encoding="utf-8")
    command = [
        *(java, *_JVM, "-cp", f"{jars}/*", "kafka.tools.StorageTool"),
        *("format", "--cluster-id", _CLUSTER_ID, "--config", str(settings)),
    ]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_FORMAT_S_MAX)
    settings.unlink()
    if answer.returncode != 0:
        lines = (answer.stdout + answer.stderr).strip().splitlines() or ["no reason given"]
        raise ServiceError(f"Kafka's storage could not be formatted: {lines[-1]}")
    _keep(fresh, data)


def _launch(home: Path, folder: Path, ports: Mapping[str, int]) -> Launch:
    settings = folder / "kafka" / "server.properties"
    settings.write_text(_properties(_data(folder), ports), encoding="utf-8")
    argv = (_java(), *_JVM, *_LOGGING, *_archive(home, folder), "-cp", f"{_jars(home)}/*", "kafka.Kafka", str(settings))
    return Launch(argv, folder / "kafka", {})


def keep_archive(home: str, folder: str) -> None:
    """Give the archive of loaded classes, which halves the start, to all systems of ``home``; none may be there yet.

    The JVM of the first broker writes it when it ends in good order (that takes 5 s, once) into its own folder: one
    that is killed while it writes leaves nothing that others would use.
    """
    own = _own_archive(Path(folder))
    if own.is_file():
        own.replace(_shared_archive(Path(home)))


def _archive(home: Path, folder: Path) -> tuple[str, ...]:
    """Options to use the archive, or to write it; one that does not fit (another Java) is ignored by the JVM."""
    shared = _shared_archive(home)
    if shared.is_file():
        return ("-Xshare:auto", "-Xlog:cds=off", f"-XX:SharedArchiveFile={shared}")
    return ("-Xlog:cds=off", "-Xlog:cds+dynamic=off", f"-XX:ArchiveClassesAtExit={_own_archive(folder)}")


def _own_archive(folder: Path) -> Path:
    return folder / "kafka" / "classes.jsa"


def _shared_archive(home: Path) -> Path:
    return _cache(home) / "classes.jsa"


def _cache(home: Path) -> Path:
    return home / f"kafka-{VERSION}"


def _jars(home: Path) -> Path:
    return _cache(home) / "jars"


def _data(folder: Path) -> Path:
    return folder / "kafka" / "data"


def _properties(data: Path, ports: Mapping[str, int]) -> str:
    """The broker's configuration; every line that is not an address says what it spares or prevents."""
    broker, controller = f"{HOST}:{ports['broker']}", f"{HOST}:{ports['controller']}"
    return f"""\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{controller}
listeners=PLAINTEXT://{broker},CONTROLLER://{controller}
advertised.listeners=PLAINTEXT://{broker}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}

# Topics are made with their right partition count and retention, or not at all.
auto.create.topics.enable=false

# After kill -9 the controller waits out the old session: 2 s instead of 9 s.
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500

# One node: its internal topics have one copy, and few partitions (50 each by default) to open at every start.
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1

# Two cores: few threads. 8 MB let the cleaner remember 350,000 keys a pass; the default takes half of this heap.
num.network.threads=2
num.io.threads=4
log.cleaner.dedupe.buffer.size=8388608
num.recovery.threads.per.data.dir=2

# The first member of a group need not wait 3 s for others; tests may use short sessions.
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
"""
