"""The tables of a suite's runs: medians side by side, Balcão against its aims, and what a crash cost."""

from __future__ import annotations

import json
import statistics
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

COLUMNS = (
    ("turns_per_s", "turns/s"),
    ("cpu_ms_per_turn", "CPU ms/turn"),
    ("helper_cpu_ms_per_turn", "server ms/turn"),
    ("p50_ms", "p50 ms"),
    ("p95_ms", "p95 ms"),
    ("p99_ms", "p99 ms"),
    ("bot_peak_rss_mib", "RSS MiB"),
    ("api_calls_per_turn", "calls/turn"),
    ("commits_per_turn", "commits/turn"),
    ("mails_late_s", "mails late s"),
    ("other_processes_cpu_share", "others' CPU"),
    ("calibration_ms", "calibration ms"),
)
AFTER_A_CRASH = (
    ("accepted but no reply", "taken, no reply"),
    ("wrong reply", "wrong reply"),
    ("recovered_by_trying_again", "went on by trying again"),
    ("conversations_abandoned", "could not go on"),
    ("mails_lost", "mails lost"),
    ("mails_sent_twice", "mails twice"),
    ("mails_with_a_message_id_seen_before", "of these, same Message-ID"),
    ("restart_ms", "restart ms"),
)

Report = Mapping[str, Any]
Runs = Mapping[tuple[str, str], Sequence[Report]]
"""The reports of each bot in each scenario."""


def read_runs(file: Path) -> Runs:
    """What the load generator wrote, a line for each run."""
    runs = defaultdict[tuple[str, str], list[Report]](list)
    for line in file.read_text(encoding="utf-8").splitlines():
        report = json.loads(line)
        name, _, scenario = report["label"].partition(" | ")
        runs[name, scenario].append(report)
    return runs


def figure(reports: Sequence[Report], key: str) -> float | None:
    """The median of a figure; of what went wrong, the worst of all runs."""
    if key in {name for name, _title in AFTER_A_CRASH} - {"restart_ms"}:
        return max((_found(each, key) or 0 for each in reports), default=None)
    values = [value for each in reports if (value := _found(each, key)) is not None]
    return statistics.median(values) if values else None


def _found(report: Report, key: str) -> float | None:
    for place in (report, report["errors"], report["counts"]):
        if key in place:
            value: float | None = place[key]
            return value
    return None


def cost(reports: Sequence[Report], key: str) -> float | None:
    """As `figure`; the CPU of a turn with that of the database's server."""
    own = figure(reports, key)
    if key != "cpu_ms_per_turn" or own is None:
        return own
    return own + (figure(reports, "helper_cpu_ms_per_turn") or 0.0)


def tables(runs: Runs, suite: Mapping[str, Any]) -> str:
    """All that is to be said of these runs, as Markdown."""
    scenarios = [each["name"] for each in suite["scenarios"]]
    order = {each["name"]: number for number, each in enumerate(suite["peers"])}
    steady = sorted(
        (key for key in runs if key[1] != "crash"),
        key=lambda key: (scenarios.index(key[1]), order[key[0]]),
    )
    parts = ["", "## Side by side (medians)", ""]
    parts += _rows(
        ("scenario", "bot", "runs", *(t for _, t in COLUMNS), "errors"), _steady(runs, steady)
    )
    if crashed := [key for key in runs if key[1] == "crash"]:
        parts += ["", "## Killed under load and started again (the worst of the runs)", ""]
        parts += _rows(
            ("bot", "runs", *(title for _, title in AFTER_A_CRASH)),
            ([name, len(runs[name, at]), *(_shown(figure(runs[name, at], key)) for key, _ in AFTER_A_CRASH)]
             for name, at in crashed),
        )  # fmt: skip
    ours = [each["name"] for each in suite["peers"] if each.get("ours")]
    if aims := list(_aims(runs, suite["targets"], ours)):
        parts += ["", "## Balcão against its aims", ""]
        parts += _rows(("bot", "aim", "measured", ""), aims)
    return "\n".join(parts)


def _steady(runs: Runs, keys: Iterable[tuple[str, str]]) -> Iterator[list[object]]:
    for name, scenario in keys:
        reports = runs[name, scenario]
        cells = [_shown(figure(reports, key)) for key, _title in COLUMNS]
        errors = sum(sum(each["errors"].values()) for each in reports)
        yield [scenario, name, len(reports), *cells, errors]


def _aims(
    runs: Runs, targets: Sequence[Mapping[str, Any]], ours: Sequence[str]
) -> Iterator[list[object]]:
    titles = dict(COLUMNS + AFTER_A_CRASH)
    for name in ours:
        for aim in targets:
            measured = cost(runs.get((name, aim["of"]), ()), aim["figure"])
            words = f"{aim['of']}: {titles[aim['figure']]}"
            bound = aim.get("at_least", aim.get("at_most"))
            if "peer" in aim:
                where = aim.get("in", aim["of"])
                theirs = cost(runs.get((aim["peer"], where), ()), aim["figure"])
                measured = measured / theirs if measured is not None and theirs else None
                words += f" at {_least(aim)} {bound:g} × {aim['peer']}" + (
                    f" ({where})" if where != aim["of"] else ""
                )
            else:
                words += f" at {_least(aim)} {bound:g}"
            if measured is not None:
                met = measured >= bound if "at_least" in aim else measured <= bound
                yield [name, words, f"{measured:.3g}", "met" if met else "MISSED"]


def _least(aim: Mapping[str, Any]) -> str:
    return "least" if "at_least" in aim else "most"


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"


def _rows(titles: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """A Markdown table whose columns line up, for it is read in a terminal first."""
    cells = [list(titles), *([str(each) for each in row] for row in rows)]
    widths = [max(len(row[n]) for row in cells) for n in range(len(titles))]
    lines = [[each.ljust(width) for each, width in zip(row, widths, strict=True)] for row in cells]
    lines.insert(1, ["-" * width for width in widths])
    yield from (f"| {' | '.join(line)} |" for line in lines)
