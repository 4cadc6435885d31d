"""Alert records for a terminal: in colour, Chinese first."""

from __future__ import annotations

from rich.text import Text

from alerts.alert import AlertRecord
from alerts.lifecycle import Command, Status
from alerts.routing import SECTION_ZH
from domain.findings import Severity
from domain.money import yuan_text

_TRANSITION_ZH = {
    Command.RAISED: "新预警",
    Command.ESCALATED: "升级",
    Command.EASED: "降级",
    Command.UPDATED: "更新",
    Command.CLEARED: "解除",
    Command.SUPPRESSED: "豁免",
    Command.ACKNOWLEDGED: "已签收",
    Command.ASSIGNED: "已交办",
    Command.CONFIRMED: "属实",
    Command.DISMISSED: "误报",
    Command.RECTIFYING: "整改中",
    Command.RECTIFIED: "已整改",
    Command.RETURNED: "退回",
    Command.CLOSED: "销号",
    Command.REOPENED: "重启",
    Command.TRANSFERRED: "转办",
    Command.SUSPENDED: "挂起",
    Command.NOTED: "备注",
    Command.REMINDED: "催办",
    Command.OVERDUE: "逾期",
}
_OVER = frozenset({Status.CLEARED, Status.DISMISSED, Status.CLOSED})


def lines(record: AlertRecord) -> Text:
    """One alert record as it is shown in the live feed."""
    colour = _colour(record)
    text = Text()
    text.append(f"{record.log_on} ", style="dim")
    text.append(f" {'红' if record.severity is Severity.RED else '黄'} ", style=f"bold white on {colour}")
    text.append(f" {_TRANSITION_ZH[record.transition]} ", style=f"bold {colour}")
    text.append(f"{_plain(record.region_name)} {record.region} ", style="bold")
    text.append(f"{_plain(record.business_section or SECTION_ZH[record.section])} · {_plain(record.category)}")
    if record.is_major:
        text.append(" 重大", style="bold magenta")
    text.append(f"\n   {_plain(record.message_zh)}\n", style="default")
    text.append(f"   {_plain(record.message_en)}\n", style="dim")
    text.append(f"   {_details(record)}\n", style="dim")
    return text


def _colour(record: AlertRecord) -> str:
    if record.status in _OVER:
        return "green"
    if record.status is Status.SUSPENDED:
        return "blue"
    return "red" if record.severity is Severity.RED else "yellow"


def _details(record: AlertRecord) -> str:
    parts = [f"{record.alert_id[:8]} #{record.sequence}", f"规则 {record.rule_id}"]
    if record.amount_fen is not None:
        parts.append(f"金额 {yuan_text(record.amount_fen)} 元")
    if record.due.acknowledge_on and record.status not in _OVER:
        due = record.due
        parts.append(f"期限 签收 {due.acknowledge_on} 核实 {due.verify_on} 整改 {due.rectify_on}")
    if record.basis:
        parts.append(f"依据 {_plain('; '.join(record.basis))}")
    return " · ".join(parts)


def _plain(text: str) -> str:
    """Without control characters: what an upstream system wrote must not steer the reader's terminal."""
    return "".join(character if character.isprintable() else " " for character in text)
