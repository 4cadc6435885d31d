"""Reads a live feed over HTTP and stays with it: reconnects by the last event id, so nothing is lost or seen twice."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple
from urllib import error, parse, request

import msgspec

# Three heartbeats: a connection that is silent for longer is dead.
SILENCE_S_MAX = 45.0
PAUSE_S = 2.0


class FeedEvent(NamedTuple):
    """One event of the feed."""

    id: str
    transition: str
    record: bytes


class FeedRefused(Exception):
    """The service does not give this feed to this token; asking again does not help."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{message} ({status} {code})")
        self.status, self.code = status, code


def follow(
    address: str,
    token: Callable[[], str],
    parameters: Sequence[tuple[str, str]],
    *,
    interrupted: Callable[[str], None],
    pause: Callable[[float], None] = time.sleep,
) -> Iterator[FeedEvent]:
    """Events for ever. ``token`` is asked at every connection; ``interrupted`` is told why there is none at the moment.

    Raises FeedRefused.
    """
    last = ""
    while True:
        try:
            with _open(address, token(), parameters, last) as answer:
                for event in parsed(answer):
                    last = event.id
                    yield event
            interrupted("the service ended the stream")
        except (OSError, http.client.HTTPException) as failure:
            interrupted(str(failure))
        pause(PAUSE_S)


def _open(address: str, token: str, parameters: Sequence[tuple[str, str]], last: str) -> http.client.HTTPResponse:
    headers = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream"}
    if last:
        headers["Last-Event-ID"] = last
    url = f"{address.rstrip('/')}/api/v1/feed?{parse.urlencode(parameters)}"
    if not url.startswith(("http://", "https://")):
        raise FeedRefused(0, "address", f"{address}: expected http:// or https://")
    try:
        answer: http.client.HTTPResponse = request.urlopen(  # noqa: S310  # scheme checked above
            request.Request(url, headers=headers),  # noqa: S310  # the same
            timeout=SILENCE_S_MAX,
        )
    except error.HTTPError as failure:
        with failure:
            if failure.code >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
                raise ConnectionError(f"{failure.code} {failure.reason}") from failure
            raise _refusal(failure.code, failure.read()) from failure
    return answer


def _refusal(status: int, body: bytes) -> FeedRefused:
    try:
        said = msgspec.json.decode(body, type=dict[str, str])
    except msgspec.MsgspecError:
        said = {}
    return FeedRefused(status, said.get("error", "unknown"), said.get("message", "refused"))


def parsed(lines: Iterable[bytes]) -> Iterator[FeedEvent]:
    """Events of a stream (WHATWG Server-Sent Events, the part that our service writes)."""
    fields: dict[str, str] = {}
    for line in lines:
        text = line.rstrip(b"\r\n").decode()
        if text:
            name, _, value = text.partition(":")
            fields[name] = value.removeprefix(" ")
            continue
        if "data" in fields:
            yield FeedEvent(fields.get("id", ""), fields.get("event", ""), fields["data"].encode())
        fields = {}
