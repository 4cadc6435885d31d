"""A backtest as people read it: a table for the terminal, JSON for programs, a page for those who decide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import NamedTuple

import msgspec

from domain.regions import full_name
from fundwatch.backtest.courses import Change, Comparison, Differing, Step, Tally
from rules.rule import Rule
from rules.rule_set_record import Difference

_HEADS = (
    ("规则", "rule"),
    ("地区", "region"),
    ("原有预警", "before"),
    ("新有预警", "after"),
    ("增加", "added"),
    ("减少", "removed"),
    ("变化", "changed"),
)
_COLUMNS = tuple(english for _, english in _HEADS)
_CHANGES = {Change.ADDED: "增加", Change.REMOVED: "减少", Change.CHANGED: "变化"}
_TRANSITIONS = {
    "raised": "产生",
    "escalated": "升级",
    "eased": "降级",
    "cleared": "解除",
    "suppressed": "豁免",
    "dismissed": "误报",
}
_SEVERITIES = {"yellow": "黄", "red": "红"}
# Chinese and English, by rule id.
Names = Mapping[str, tuple[str, str]]
# Alerts shown one by one on the page, which a browser has to hold; JSON has all of them.
_SHOWN_MAX = 5_000
_STYLE = """
body{font:15px/1.6 "Noto Sans CJK SC","Microsoft YaHei","PingFang SC",sans-serif;margin:2em auto;max-width:72em}
h1{font-size:1.5em}h2{font-size:1.15em;margin-top:2em}small,.en{color:#666;font-weight:normal}
table{border-collapse:collapse;width:100%}
td,th{text-align:left;vertical-align:top;padding:.35em .7em;border-bottom:1px solid #ddd}
th{border-bottom:2px solid #888}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
code{font-size:.9em;color:#555}
.added{color:#a40000}.removed{color:#00662c}.changed{color:#8a5a00}.same{font-size:1.1em}
"""


class Headline(NamedTuple):
    """What was compared, for the page's head. Days are ISO, "" where there is no bound."""

    before: str
    after: str
    since: str
    until: str
    records: int
    values: Sequence[Difference]  # in which the two rule sets differ, where both are fixed
    names: Names  # of all rules that either side may judge by


def names_of(rules: Iterable[Rule]) -> Names:
    """The names of these rules; of two with one id the later counts."""
    return {rule.id: (rule.name_zh, rule.name_en) for rule in rules}


def as_table(found: Comparison) -> str:
    """By rule and region; one line where nothing differs."""
    if not found.alerts:
        return "no difference"
    rows = [_COLUMNS, *(_cells(tally) for tally in found.tallied())]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def as_json(found: Comparison) -> str:
    """Counts by rule and region, and every alert that differs: what it is about, and all its steps on both sides."""
    alerts = [
        {"change": each.change, **each.alert._asdict(), "before": each.before, "after": each.after}
        for each in found.alerts
    ]
    return msgspec.json.encode({"counts": found.tallied(), "alerts": alerts}).decode()


def as_html(found: Comparison, headline: Headline) -> str:
    """One page without anything from elsewhere, Chinese first."""
    return "".join(_page(found, headline))


def _page(found: Comparison, headline: Headline) -> Iterator[str]:
    title = f"规则回测：{headline.before} → {headline.after}"
    yield f'<!doctype html><html lang="zh"><meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>'
    yield f"<h1>{escape(title)} <small>Backtest of rule sets</small></h1>{_summary(found, headline)}"
    if headline.values:
        yield f"<h2>参数差异 {_en('values that differ')}</h2>"
        rows = [
            (f"<code>{escape(each.path)}</code>", _value(each.before), _value(each.after)) for each in headline.values
        ]
        yield from _table((("参数", "value"), ("原", "before"), ("新", "after")), rows)
    if not found.alerts:
        yield f'<p class="same">两者没有差别。{_en("No difference.")}</p></html>\n'
        return
    yield f"<h2>按规则和地区 {_en('by rule and region')}</h2>"
    yield from _table(_HEADS, (_row(tally, headline.names) for tally in found.tallied()), numbers_from=2)
    yield f"<h2>逐条预警 {_en('alerts one by one')}</h2>"
    if len(found.alerts) > _SHOWN_MAX:
        more = len(found.alerts) - _SHOWN_MAX
        yield f"<p>以下为前 {_SHOWN_MAX} 条，另有 {more} 条见 JSON。{_en(f'{more} more in the JSON form.')}</p>"
    heads = (("差别", "change"), ("规则", "rule"), ("对象", "subject"), ("原", "before"), ("新", "after"))
    yield from _table(heads, (_alert(each, headline.names) for each in found.alerts[:_SHOWN_MAX]))
    yield "</html>\n"


def _summary(found: Comparison, headline: Headline) -> str:
    counts = {change: sum(each.change is change for each in found.alerts) for change in Change}
    changes = "，".join(f'<b class="{change}">{_CHANGES[change]} {count:,}</b>' for change, count in counts.items())
    first, last = headline.since or "账本起点", headline.until or "账本终点"
    before, after = (sum(each.values()) for each in (found.before, found.after))
    english = (
        f"{headline.records:,} journal records judged from the beginning; alerts from "
        f"{headline.since or 'the first day'} to {headline.until or 'the last'}: {before:,} before, {after:,} after, "
        + ", ".join(f"{count:,} {change}" for change, count in counts.items())
    )
    return (
        f"<p>从账本起点起重新研判 {headline.records:,} 条记录；比较 {escape(first)} 至 {escape(last)} 的预警："
        f"原有 {before:,} 条，新有 {after:,} 条；{changes}。<br>{_en(english)}</p>"
    )


def _row(tally: Tally, names: Names) -> tuple[str, ...]:
    numbers = (tally.before, tally.after, tally.added, tally.removed, tally.changed)
    region = f"{escape(full_name(tally.region))} <code>{escape(tally.region)}</code>"
    return _rule(tally.rule_id, names, is_shadow=tally.is_shadow), region, *(f"{number:,}" for number in numbers)


def _alert(each: Differing, names: Names) -> tuple[str, ...]:
    alert = each.alert
    subject = f"{escape(alert.title)}<br><code>{escape(alert.subject_key)}</code>"
    change = f'<span class="{each.change}">{_CHANGES[each.change]}</span> {_en(each.change)}'
    rule = _rule(alert.rule_id, names, is_shadow=alert.is_shadow)
    return change, rule, subject, _course(each.before), _course(each.after)


def _rule(rule_id: str, names: Names, *, is_shadow: bool) -> str:
    zh, en = names.get(rule_id, (rule_id, rule_id))
    trial = " （试运行 on trial）" if is_shadow else ""
    return f"{escape(zh)}{trial}<br>{_en(en)} <code>{escape(rule_id)}</code>"


def _course(steps: Sequence[Step]) -> str:
    told = (f"{step.log_on} {_TRANSITIONS[step.transition]}（{_SEVERITIES[step.severity]}）" for step in steps)
    return "<br>".join(told) or "无"


def _value(found: object) -> str:
    return "—" if found is None else f"<code>{escape(msgspec.json.encode(found).decode())}</code>"


def _table(
    heads: Sequence[tuple[str, str]], rows: Iterable[Sequence[str]], numbers_from: int | None = None
) -> Iterator[str]:
    """Cells are HTML already; from column ``numbers_from`` on they are numbers (None: no column is)."""
    texts = len(heads) if numbers_from is None else numbers_from
    classes = [""] * texts + [' class="n"'] * (len(heads) - texts)
    yield "<table><tr>"
    yield from (f"<th{kind}>{zh} {_en(en)}" for kind, (zh, en) in zip(classes, heads, strict=True))
    for row in rows:
        yield "<tr>" + "".join(f"<td{kind}>{cell}" for kind, cell in zip(classes, row, strict=True)) + "\n"
    yield "</table>"


def _en(text: str) -> str:
    return f'<span class="en">{escape(text)}</span>'


def _cells(tally: Tally) -> tuple[str, ...]:
    name = f"{tally.rule_id} (shadow)" if tally.is_shadow else tally.rule_id
    numbers = (tally.before, tally.after, tally.added, tally.removed, tally.changed)
    return name, tally.region, *map(str, numbers)
