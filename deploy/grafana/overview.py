"""Makes the overview dashboard: `python -m deploy.grafana.overview` writes ``overview.json`` beside this file.

A test keeps the two in step. The JSON is what Grafana 11 imports; it asks for the Prometheus to use.
"""

from __future__ import annotations

from itertools import count
from pathlib import Path

from grafana_foundation_sdk.builders.bargauge import Panel as BarGauge
from grafana_foundation_sdk.builders.common import ReduceDataOptions, VizLegendOptions, VizTooltipOptions
from grafana_foundation_sdk.builders.dashboard import Dashboard, DatasourceVariable, Row
from grafana_foundation_sdk.builders.prometheus import Dataquery
from grafana_foundation_sdk.builders.timeseries import Panel as TimeSeries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import (
    LegendDisplayMode,
    LegendPlacement,
    SortOrder,
    TooltipDisplayMode,
    VizOrientation,
)
from grafana_foundation_sdk.models.dashboard import DataSourceRef, GridPos

from deploy.grafana import panels

FILE = Path(__file__).with_name("overview.json")
# Grafana's grid is 24 wide.
_COLUMNS, _WIDTH, _HEIGHT = 2, 12, 8
_SOURCE = "prometheus"
_FROM = DataSourceRef(type_val="prometheus", uid=f"${{{_SOURCE}}}")


def dashboard() -> Dashboard:
    """The dashboard, two panels side by side, a row per heading."""
    made = (
        Dashboard("fundwatch 总览 overview")
        .uid("fundwatch-overview")
        .description("财政扶贫资金动态监控系统: from the events that come in to the queues of the sections.")
        .tags(["fundwatch"])
        .time("now-6h", "now")
        .refresh("30s")
        .timezone("Asia/Shanghai")
        .with_variable(DatasourceVariable(_SOURCE).type("prometheus").label("Prometheus"))
    )
    top, ids = 0, count(1)
    for row in panels.ROWS:
        made.with_row(Row(row.title).id(next(ids)).grid_pos(GridPos(h=1, w=_COLUMNS * _WIDTH, x=0, y=top)))
        top += 1
        for number, panel in enumerate(row.panels):
            down, across = divmod(number, _COLUMNS)
            place = GridPos(h=_HEIGHT, w=_WIDTH, x=across * _WIDTH, y=top + down * _HEIGHT)
            made.with_panel(_panel(panel).id(next(ids)).grid_pos(place))
        top += -(-len(row.panels) // _COLUMNS) * _HEIGHT
    return made


def _panel(panel: panels.Panel) -> TimeSeries | BarGauge:
    made = _bars() if panel.is_total else _course()
    made.title(panel.title).description(panel.about).unit(panel.unit).min(0).datasource(_FROM)
    for number, query in enumerate(panel.queries):
        target = Dataquery().ref_id(chr(ord("A") + number)).expr(query.expression).legend_format(query.legend)
        made.with_target((target.instant() if panel.is_total else target.range()).datasource(_FROM))
    return made


def _course() -> TimeSeries:
    legend = VizLegendOptions().display_mode(LegendDisplayMode.TABLE).placement(LegendPlacement.RIGHT)
    tooltip = VizTooltipOptions().mode(TooltipDisplayMode.MULTI).sort(SortOrder.DESCENDING)
    return TimeSeries().fill_opacity(8).legend(legend.calcs(["lastNotNull", "max"]).show_legend(True)).tooltip(tooltip)


def _bars() -> BarGauge:
    last = ReduceDataOptions().calcs(["lastNotNull"])
    return BarGauge().orientation(VizOrientation.HORIZONTAL).reduce_options(last).decimals(0)


def as_json() -> str:
    """The dashboard as Grafana reads it."""
    return JSONEncoder(sort_keys=True, indent=2, ensure_ascii=False).encode(dashboard().build()) + "\n"


if __name__ == "__main__":
    FILE.write_text(as_json(), encoding="utf-8")
