"""Laws of the look at a broker before any client is made, against what is none; see also test_secured_servers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from connectors import broker_access
from connectors.broker_access import Mechanism, refuse_no_access
from connectors.publisher import BrokerUnreachable
from domain.settings import Settings

Serve = Callable[[Callable[[socket.socket], object]], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts a server that treats each connection as it is told to, and hangs up; gives its address."""
    listeners: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def start(treat: Callable[[socket.socket], object]) -> str:
        listener = socket.create_server(("127.0.0.1", 0))

        def work() -> None:
            connection, _ = listener.accept()
            with connection:
                treat(connection)

        listeners.append(listener)
        threads.append(threading.Thread(target=work))
        threads[-1].start()
        return f"127.0.0.1:{listener.getsockname()[1]}"

    yield start
    for thread in threads:
        thread.join()
    for listener in listeners:
        listener.close()


def nobody(_settings: Settings) -> Mechanism:
    """Nobody is asked to log in here."""
    raise AssertionError("nobody")


def answered(answer: bytes) -> Callable[[socket.socket], object]:
    """Takes a request and sends these bytes."""

    def serve_one(connection: socket.socket) -> None:
        connection.recv(1_024)
        connection.sendall(answer)

    return serve_one


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x00\x00\x00\x02ab", b"\x00\x00\x00\xffab"]
)
def test_what_does_not_speak_kafkas_protocol_is_told_by_the_setting(serve: Serve, answer: bytes) -> None:
    """It hangs up, speaks something else, or breaks off in the middle: nothing is waited for."""
    with pytest.raises(BrokerUnreachable, match=r"FUNDWATCH_KAFKA_SECURITY_PROTOCOL \(PLAINTEXT\)"):
        refuse_no_access(Settings(kafka=serve(answered(answer))), nobody)


def test_one_without_tls_is_told_by_the_setting(serve: Serve) -> None:
    """The first answer is no handshake."""
    address = serve(answered(b"-ERR what?\r\n"))
    with pytest.raises(BrokerUnreachable, match=r"not speak TLS here; see FUNDWATCH_KAFKA_SECURITY_PROTOCOL \(SSL\)"):
        refuse_no_access(Settings(kafka=address, kafka_security_protocol="SSL"), nobody)


def test_one_that_says_nothing_is_waited_for_in_bounds(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes the connection and is silent, as a stopped process is."""
    monkeypatch.setattr(broker_access, "_ANSWER_S_MAX", 0.1)
    address = serve(lambda connection: (connection.recv(1_024), connection.recv(1_024)))
    with pytest.raises(BrokerUnreachable, match=f"{address}: no answer in 0 s; see FUNDWATCH_KAFKA"):
        refuse_no_access(Settings(kafka=address), nobody)


def test_the_last_address_is_told_where_none_answers() -> None:
    """All are tried."""
    with pytest.raises(BrokerUnreachable, match=r"127\.0\.0\.1:2: Connection refused"):
        refuse_no_access(Settings(kafka="127.0.0.1:1, 127.0.0.1:2"), nobody)
