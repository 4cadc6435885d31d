"""Laws of the dashboard that need no server."""

from __future__ import annotations

import json

import pytest

from deploy.grafana import overview, panels

PANELS = [panel for row in panels.ROWS for panel in row.panels]


def test_the_committed_dashboard_is_the_one_that_the_code_makes() -> None:
    """overview.json is what `python -m deploy.grafana.overview` writes."""
    assert overview.FILE.read_text(encoding="utf-8") == overview.as_json()


def test_panels_do_not_overlap() -> None:
    """Every place of Grafana's grid belongs to at most one panel, and none lies outside it."""
    places = [panel["gridPos"] for panel in json.loads(overview.as_json())["panels"]]
    cells = [
        (x, y)
        for place in places
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) == 23


def test_panels_have_numbers_of_their_own() -> None:
    """Links to a panel and its alerts go by its id."""
    ids = [panel["id"] for panel in json.loads(overview.as_json())["panels"]]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel.title)
def test_a_panel_says_what_it_shows(panel: panels.Panel) -> None:
    """Each panel has a title, a text for newcomers and at least one query."""
    assert panel.title
    assert panel.about.endswith(".")
    assert panel.queries
