"""Laws of the feed process: its socket and its files."""

from __future__ import annotations

import resource
import socket

import pytest
import uvicorn

from domain.settings import SettingRefused
from fundwatch import feed_server
from fundwatch.feed_server import listener


def test_a_connection_that_acknowledges_nothing_ends_with_the_patience_of_a_stream() -> None:
    """The kernel alone would keep a client that vanished for a quarter of an hour."""
    with listener(uvicorn.Config("none:none", host="127.0.0.1", port=0, log_level="error")) as opened:
        opened.listen()
        with socket.create_connection(opened.getsockname()):
            accepted, _ = opened.accept()
            with accepted:
                assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 45_000


@pytest.mark.parametrize(
    ("limits", "raised"),
    [
        ((1_024, 4_096), [(1_128, 4_096)]),
        ((1_128, 4_096), []),
        ((1_024, resource.RLIM_INFINITY), [(1_128, resource.RLIM_INFINITY)]),
        ((resource.RLIM_INFINITY, resource.RLIM_INFINITY), []),
    ],
)
def test_as_many_files_are_asked_for_as_clients_may_come(
    limits: tuple[int, int], raised: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And no more, where the system allows fewer until it is asked."""
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _which: limits)
    monkeypatch.setattr(resource, "setrlimit", lambda _which, wanted: asked.append(wanted))
    feed_server._allow_files(1_000)
    assert asked == raised


def test_more_clients_than_files_is_refused_with_the_most_there_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not met by the client that is one too many."""
    monkeypatch.setattr(resource, "getrlimit", lambda _which: (1_024, 1_024))
    with pytest.raises(SettingRefused, match="FUNDWATCH_FEED_CLIENTS_MAX='1000': expected at most 896"):
        feed_server._allow_files(1_000)
