"""`python -m bench [PART …]`: measures on this machine, prints ratios, writes bench/results/latest.json.

Parts: judge, faust, floor, engine (side by side, in alternating short runs), pipeline, delay; and only when they are
named state, and backtest (beside the engine, and what each rule costs). Other work on the machine moves every figure:
only ratios of one run mean anything.
FUNDWATCH_RULES narrows the judge and the engine to some rules.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

import rules.engine
from bench import backtest, child, delay, engine, judge, pipeline, plain_faust, state
from bench.machine import PARTITIONS, PROJECT, Rate, fill, namespace, servers, tell
from bench.records import Journaled, journal_records, wire_records
from connectors import broker
from domain.settings import Settings, names_in
from domain.topics import JOURNAL, Cleanup, Topic
from fundwatch.environment import configured
from rules.catalogue import RULES
from rules.selection import chosen_rules

SIDE_BY_SIDE = ("judge", "faust", "floor", "engine")
DEFAULT = (*SIDE_BY_SIDE, "pipeline", "delay")
PARTS = (*DEFAULT, "backtest", "state")
ROUNDS = 3
PIPELINE_RECORDS = 40_000
# Plain Faust takes a thousand or two a second: enough for several seconds.
FAUST_RECORDS = 8_000
DELAY_RATES = (200, 1_000)
RESULTS = Path(__file__).parent / "results" / "latest.json"
_NAMES = {
    "judge": "judge",
    "faust": "plain_faust",
    "floor": "floor",
    "engine": "pure_engine",
    "backtest": "backtest",
}


def side_by_side(given: Settings, parts: list[str], rounds: int) -> dict[str, list[Rate]]:
    """The alternatives, one after the other and all of it several times over."""
    journals = journal_records()
    total = sum(map(len, journals))
    payments = payments_of(FAUST_RECORDS)
    rates: dict[str, list[Rate]] = {part: [] for part in parts}
    with tempfile.TemporaryDirectory(prefix="fundwatch-bench-") as folder:
        kept = Path(folder) / "journals"
        engine.keep(kept, journals)
        for number in range(rounds):
            for part in parts:
                if part == "engine":
                    rate = child.run("engine", kept)
                elif part == "faust":
                    rate = faust_rate(given, payments)
                elif part == "backtest":
                    with namespace(given, backtest.TOPICS) as settings:
                        rate = backtest.measure(settings, journals)
                else:
                    with namespace(given, judge.TOPICS) as settings:
                        if part == "judge":
                            rate = judge.measure(settings, journals)
                        else:
                            fill(settings, JOURNAL, journals)
                            where = (settings.kafka, settings.topic(JOURNAL))
                            rate = child.run("floor", *where, PARTITIONS, total)
                tell(f"round {number + 1}: {part:<7} {rate.per_s:>9,.0f}/s {rate.per_cpu_s:>9,.0f} per CPU second")
                rates[part].append(rate)
    return rates


def payments_of(count: int) -> list[list[Journaled]]:
    """The first payments of the same records by partition, as they are on the wire."""
    payments: list[list[Journaled]] = [[] for _ in range(PARTITIONS)]
    for sent in wire_records():
        records = payments[sent.partition]
        if len(records) < count // PARTITIONS and b'"payment.recorded"' in sent.value:
            records.append(Journaled(sent.key, sent.value))
    return payments


def faust_rate(given: Settings, payments: list[list[Journaled]]) -> Rate:
    """Plain Faust on its own topic."""
    with namespace(given, (JOURNAL,)) as settings:
        broker.create_topics(settings, [Topic(plain_faust.TOPIC, Cleanup.DAYS_30)])
        fill(settings, plain_faust.TOPIC, payments)
        where = (settings.kafka, settings.namespace)
        return child.run("plain_faust", *where, PARTITIONS, sum(map(len, payments)), settings.home)


def summary(rates: dict[str, list[Rate]]) -> dict[str, Any]:
    """Medians, and ratios of medians; by processor time too, which other work on the machine moves less."""
    found: dict[str, Any] = {}
    for part, measured in rates.items():
        found[f"{_NAMES[part]}_per_s"] = round(statistics.median(rate.per_s for rate in measured))
        found[f"{_NAMES[part]}_per_cpu_s"] = round(statistics.median(rate.per_cpu_s for rate in measured))
    for one, other in (("judge", "faust"), ("judge", "engine"), ("judge", "floor"), ("backtest", "engine")):
        if one in rates and other in rates:
            for unit in ("per_s", "per_cpu_s"):
                ratio = found[f"{one}_{unit}"] / found[f"{_NAMES[other]}_{unit}"]
                found[f"{one}_to_{_NAMES[other]}_{unit}"] = round(ratio, 2)
    return found


def run(parts: list[str], rounds: int) -> dict[str, Any]:
    """All that was asked for."""
    found: dict[str, Any] = {}
    with servers() as given:
        compared = [part for part in (*SIDE_BY_SIDE, "backtest") if part in parts]
        if compared:
            found |= summary(side_by_side(given, compared, rounds))
        if "pipeline" in parts:
            with namespace(given) as settings:
                whole = pipeline.measure(settings, list(wire_records(PIPELINE_RECORDS)))
            found |= {"pipeline_per_s": round(whole.per_s), "pipeline_per_cpu_s": round(whole.per_cpu_s)}
            tell(f"pipeline: {whole.per_s:,.0f}/s {whole.per_cpu_s:,.0f} per CPU second")
        for rate in DELAY_RATES if "delay" in parts else ():
            with namespace(given) as settings:
                measured = delay.measure(settings, rate)
            tell(f"delay at {rate:,}/s: {measured}")
            found |= {f"e2e_{name}_at_{rate}": value for name, value in measured._asdict().items()}
    if "backtest" in parts:
        costs = backtest.costs()
        found["rule_costs"] = {rule_id: cost._asdict() for rule_id, cost in costs.items()}
        for rule_id, cost in list(costs.items())[: backtest.SLOWEST]:
            tell(f"{rule_id:<32} {cost.us_per_record:>7.3f} µs a record, {cost.us_per_call:.3f} µs a call")
    if "state" in parts:
        found |= state.measure()
    return found


def facts() -> dict[str, Any]:
    """What the figures of a run belong to."""
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit.stdout.strip(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "compiled": not rules.engine.__file__.endswith(".py"),  # by mypyc: `make bench-compiled`
        "rules": len(chosen_rules(RULES, names_in(configured().rules))),
        "load_before": round(os.getloadavg()[0], 1),
    }


def keep(parts: list[str], this_run: dict[str, Any], found: dict[str, Any]) -> None:
    """Write the results. What other parts left there stays, each with the run that it was measured in.

    Figures of two runs must not look like those of one: they are not to be compared.
    """
    before: dict[str, Any] = msgspec.json.decode(RESULTS.read_bytes()) if RESULTS.exists() else {}
    if set(DEFAULT) <= set(parts) or "measured" not in before:
        before = {"measured": {}}
    measured = before["measured"] | dict.fromkeys(parts, this_run)
    is_one_run = len({run["date"] for run in measured.values()}) == 1
    results = before | found | {"is_one_run": is_one_run, "measured": measured}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_bytes(msgspec.json.format(msgspec.json.encode(results)) + b"\n")


def main() -> None:
    """Measure, print and keep."""
    options = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    options.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    options.add_argument("--rounds", type=int, default=ROUNDS)
    asked = options.parse_args()
    for part in asked.parts:
        if part not in PARTS:
            options.error(f"no part {part!r}; there are {', '.join(PARTS)}")
    parts, this_run = asked.parts or list(DEFAULT), facts()
    if "backtest" in parts and "engine" not in parts:
        parts = [*parts, "engine"]  # its speed is told as a ratio to the engine's
    found = run(parts, asked.rounds)
    this_run |= {"load_after": round(os.getloadavg()[0], 1), "rounds": asked.rounds}
    for name, value in (this_run | found).items():
        if isinstance(value, dict):
            continue  # told on the way
        print(f"{name:<32} {value}")
    keep(parts, this_run, found)


if __name__ == "__main__":
    main()
