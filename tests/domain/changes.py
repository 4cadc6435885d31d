"""Strategies that spoil events: fields set to edges of the forms or taken away, bytes cut and replaced."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

from domain.events import EVENT_TYPES
from domain.shapes import ENVELOPE, shape_of
from tests.domain.examples import EXAMPLES, wire

# Values at the edges of every form of wire.md 2.1, right for some fields and wrong for others. None ends in a new line:
# to Python's regular expressions, unlike those of JSON Schema, $ is also before that.
EDGES: st.SearchStrategy[Any] = st.sampled_from(
    [
        *(None, True, False, 0, 1, -1, 1000, 1001, 1999, 2000, 2100, 2101, 2**53 - 1, 2**53, -(2**53), 10**30, 1.5),
        *("", " ", "\u3000", "a", "a b", "a\0", "a" * 40, "a" * 41, "a" * 64, "a" * 65, "a/b"),
        *("字", "字" * 2000, "字" * 2001),
        *("652722", "652722100", "652722100201", "1234", "12.5", "-1", "1.", "central-36", "central-0", "unknown"),
        *("local-652722-3", "regional-1000", "2019-02-28", "2019-02-29", "2019-09", "2019-13", "1899-12-31"),
        *("2100-12-31", "2101-01-01", "2019-09-30T10:21:00+08:00", "2019-09-30T24:00:00+08:00", "2019-09-30T10:21:00Z"),
        *("k1:" + "a" * 32, "k:" + "a" * 32, "k1:" + "A" * 32, "91652722MA775A1B20", "91652722MA775A1BI0"),
        *("manual_entry", "monitor", "person", "out", "in", "own_account", "poverty", "valid"),
        *([], [1], ["a"], ["a b"], [{}], [[]], {}, {"a": 1}),
    ]
)


def places(event_type: str) -> list[tuple[str, ...]]:
    """Where a value may be put: every field of the envelope and of the body, known to the type or not."""
    body = EXAMPLES[event_type]["body"]
    names = {field.name for field in shape_of(EVENT_TYPES[event_type], body).fields}
    return [
        *(("body", name) for name in sorted(names | {"payee_kind", "x"})),
        *((field.name,) for field in ENVELOPE.fields),
        ("schema_version",),
        ("body",),
    ]


# What transport, spreadsheets and other encodings leave behind.
PIECES = (
    *(b"", b'"', b"{", b"}", b"[", b"]", b",", b":", b"0", b"-", b"1e9", b"null", b"NaN", b'"x":1,', b"\n"),
    *(b"\\", b"\\ud83d", b"\x00", b"\xff", b"\xef\xbb\xbf"),
    *(b"9" * 16, b"\xef\xbc\x91" * 16, b"11010519491231002X"),
)


@st.composite
def changed_events(draw: st.DrawFn) -> dict[str, Any]:
    """An example with up to three fields set to an edge or taken away."""
    event_type = draw(st.sampled_from(sorted(EXAMPLES)))
    event = copy.deepcopy(EXAMPLES[event_type])
    for place in draw(st.lists(st.sampled_from(places(event_type)), min_size=1, max_size=3)):
        *outer, name = place
        inner = event.get(outer[0]) if outer else event
        if isinstance(inner, dict):
            inner.pop(name, None)
            # A copy: the same edge drawn for a place inside it would be put into itself.
            inner |= draw(st.sampled_from([{}, {name: copy.deepcopy(draw(EDGES))}]))
    return event


@st.composite
def changed_bytes(draw: st.DrawFn) -> tuple[str, bytes]:
    """The type of an example, and its bytes with pieces cut out or replaced."""
    event_type = draw(st.sampled_from(sorted(EXAMPLES)))
    value = wire(EXAMPLES[event_type])
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(value)))
        end = draw(st.integers(start, min(len(value), start + 12)))
        value = value[:start] + draw(st.sampled_from(PIECES)) + value[end:]
    return event_type, value
