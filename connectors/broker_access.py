"""Whether a broker lets us in, and if not, by which setting: asked before any client is made.

Clients try again and again where they are not let in, for a quarter of a minute or for ever, and then name neither
fault nor address. Here each step of a connection is taken once, by hand, so that what fails is known: reach, TLS, the
Kafka protocol itself, SASL (by what the client library says and hears there), and a first request as who we are then.

Versions of requests are the lowest that have what is asked for: brokers of 3.9 and 4.x know them.
"""

from __future__ import annotations

import socket
import ssl
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, Protocol

from connectors.publisher import AccessRefused, BrokerUnreachable
from domain.settings import Settings, names_in

# A broker that has just started answers its first request within seconds on a busy machine.
_ANSWER_S_MAX = 15.0
# An answer here is some hundred bytes; what is longer is no Kafka (TLS seen as a length is 350 MB).
_ANSWER_BYTES_MAX = 1_048_576
_REACH = "see FUNDWATCH_KAFKA"


class _Request(NamedTuple):
    """Number and version of a request of Kafka's protocol."""

    key: int
    version: int


_METADATA = _Request(3, 4)
_SASL_HANDSHAKE = _Request(17, 1)
_API_VERSIONS = _Request(18, 0)
_SASL_AUTHENTICATE = _Request(36, 0)
_NO_TOPICS = struct.pack(">ib", 0, 0)  # an empty list, and: make none
_MECHANISM_UNSUPPORTED = 33


class Mechanism(Protocol):
    """One way of logging in, for one connection: what to say to the broker in turn with what it says."""

    def is_done(self) -> bool:
        """Whether all is said."""

    def auth_bytes(self) -> bytes:
        """What to say next."""

    def receive(self, auth_bytes: bytes) -> object:
        """What the broker said to that."""


def refuse_no_access(settings: Settings, mechanism: Callable[[Settings], Mechanism]) -> None:
    """Go in at the first address that answers, and out again; ``mechanism`` logs in where that is set.

    Raises BrokerUnreachable when none does, which may pass; AccessRefused with the setting that does not fit.
    """
    unreachable = BrokerUnreachable(settings.kafka, "no address")
    for server in names_in(settings.kafka):
        try:
            _visit(server, settings, mechanism)
        except BrokerUnreachable as error:
            unreachable = error
        else:
            return
    raise unreachable


def _visit(server: str, settings: Settings, mechanism: Callable[[Settings], Mechanism]) -> None:
    name, _, port = server.rpartition(":")
    host = name.strip("[]")
    try:
        with (
            socket.create_connection((host, int(port)), timeout=_ANSWER_S_MAX) as plain,
            _secured(plain, host, server, settings) as connection,
        ):
            _Visit(connection, settings, server).go(mechanism)
    except TimeoutError as error:
        raise BrokerUnreachable(server, f"no answer in {_ANSWER_S_MAX:.0f} s; {_REACH}") from error
    except ValueError as error:
        raise BrokerUnreachable(server, f"not host:port; {_REACH}") from error
    except OSError as error:
        raise BrokerUnreachable(server, f"{error.strerror or error}; {_REACH}") from error


@contextmanager
def _secured(plain: socket.socket, host: str, server: str, settings: Settings) -> Iterator[socket.socket]:
    """The connection as the security protocol wants it."""
    protocol = settings.kafka_security_protocol
    if not protocol.endswith("SSL"):
        yield plain
        return
    context = ssl.create_default_context(cafile=settings.kafka_cafile or None)
    try:
        secured = context.wrap_socket(plain, server_hostname=host)
    except ssl.SSLCertVerificationError as error:
        authorities = settings.kafka_cafile or "empty: the authorities of this machine"
        detail = f"its certificate is not trusted ({error.verify_message}); see FUNDWATCH_KAFKA_CAFILE ({authorities})"
        raise AccessRefused(server, detail) from error
    except (ssl.SSLError, ConnectionError) as error:
        # It may also be about to end; whoever asks tries again for a while.
        detail = f"it does not speak TLS here; see FUNDWATCH_KAFKA_SECURITY_PROTOCOL ({protocol})"
        raise BrokerUnreachable(server, detail) from error
    with secured:
        yield secured


class _Visit:
    """One connection, from the first request on."""

    def __init__(self, connection: socket.socket, settings: Settings, server: str) -> None:
        self._connection, self._settings, self._server = connection, settings, server

    def go(self, mechanism: Callable[[Settings], Mechanism]) -> None:
        """Raises AccessRefused, BrokerUnreachable, OSError."""
        protocol = f"see FUNDWATCH_KAFKA_SECURITY_PROTOCOL ({self._settings.kafka_security_protocol})"
        try:
            self._ask(_API_VERSIONS)
            if self._settings.kafka_security_protocol.startswith("SASL_"):
                self._log_in(mechanism(self._settings))
            self._ask(_METADATA, _NO_TOPICS)
        except ConnectionError as error:
            raise BrokerUnreachable(self._server, f"it ends the connection at once; {protocol}") from error

    def _log_in(self, mechanism: Mechanism) -> None:
        settings = self._settings
        name = settings.kafka_sasl_mechanism
        answer = self._ask(_SASL_HANDSHAKE, _text(name.encode()))
        if code := _number(answer):
            fault = "it does not know this way to log in" if code == _MECHANISM_UNSUPPORTED else "it knows no SASL here"
            setting = f"FUNDWATCH_KAFKA_SASL_MECHANISM ({name}), FUNDWATCH_KAFKA_SECURITY_PROTOCOL"
            raise AccessRefused(self._server, f"{fault}; see {setting}")
        while not mechanism.is_done():
            token = mechanism.auth_bytes()
            answer = self._ask(_SASL_AUTHENTICATE, struct.pack(">i", len(token)) + token)
            if _number(answer):
                user = f"FUNDWATCH_KAFKA_USERNAME ({settings.kafka_username}), FUNDWATCH_KAFKA_PASSWORD"
                raise AccessRefused(self._server, f"wrong user or password; see {user}")
            mechanism.receive(_signs(answer))

    def _ask(self, request: _Request, body: bytes = b"") -> bytes:
        """The body of the answer. Raises ConnectionError where there is none, or none of Kafka's."""
        head = struct.pack(">hhih", request.key, request.version, 0, -1)
        self._connection.sendall(struct.pack(">i", len(head) + len(body)) + head + body)
        (length,) = struct.unpack(">i", self._read(4))
        if not 4 <= length <= _ANSWER_BYTES_MAX:
            raise ConnectionError("this is not Kafka's protocol")
        return self._read(length)[4:]

    def _read(self, length: int) -> bytes:
        read = b""
        while len(read) < length:
            chunk = self._connection.recv(length - len(read))
            if not chunk:
                raise ConnectionError("the connection ended")
            read += chunk
        return read


def _text(text: bytes) -> bytes:
    return struct.pack(">h", len(text)) + text


def _number(answer: bytes) -> int:
    """The error code that an answer about SASL begins with; 0 = none."""
    return int(struct.unpack_from(">h", answer)[0])


def _signs(answer: bytes) -> bytes:
    """What the broker says in the mechanism's own signs: behind code and message."""
    (length,) = struct.unpack_from(">h", answer, 2)
    start = 4 + max(length, 0)
    (size,) = struct.unpack_from(">i", answer, start)
    return answer[start + 4 : start + 4 + size]
