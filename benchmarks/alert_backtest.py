"""Precision, recall and delay of the anomaly condition: `python benchmarks/alert_backtest.py [--nab FOLDER]`.

Generated: half a year of hourly LLM spend with weekdays, nights, growth and noise, into which steps, spikes
and drifts are put. `--nab` adds the real-world series of the Numenta Anomaly Benchmark, from a clone that you
have; its `labels/combined_windows.json` is the truth. An incident inside a true window, or within a day after
it began, counts as found; any other is false.
"""

import argparse
import csv
import json
import math
import random
from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from statistics import median

from sightline_analysis.alerts.anomaly import Anomaly
from sightline_analysis.alerts.backtest import Measured, replay
from sightline_analysis.alerts.measures import Measure
from sightline_analysis.alerts.rule import Rule
from sightline_analysis.alerts.state import Timing
from sightline_core.time_range import TimeRange

START = datetime(2026, 1, 5, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LEARNING = 14 * DAY


@dataclass(frozen=True, slots=True)
class Series:
    """Values by time and the windows in which something is wrong."""

    name: str
    points: list[tuple[datetime, float]]
    truth: list[TimeRange]


@dataclass(slots=True)
class Score:
    """Counts over series."""

    found: int = 0
    missed: int = 0
    false: int = 0
    days: float = 0.0
    delays_h: list[float] | None = None


def generate(kind: str, seed: int, weeks: int = 26) -> Series:
    """Return spend with one anomaly of `kind` every three weeks after the first eight."""
    rng = random.Random(f"{kind}-{seed}")
    hours = weeks * 7 * 24
    values = []
    for hour in range(hours):
        of_day, of_week = hour % 24, hour // 24 % 7
        level = 20 * (1 + hour / hours * 0.3) * (0.35 if of_week >= 5 else 1.0)
        level *= 0.25 + 0.75 * max(0.0, math.sin((of_day - 5) / 24 * 2 * math.pi)) + 0.1
        values.append(level * rng.lognormvariate(0, 0.15))
    truth = []
    for week in range(8, weeks - 1, 3):
        begin = week * 168 + rng.randrange(24, 96)
        length = {"spike": 2, "step": 24, "drift": 48}[kind] if kind != "none" else 0
        for offset in range(length):
            factor = 1 + 3 * (offset + 1) / length if kind == "drift" else 4
            values[begin + offset] *= factor
        if length:
            truth.append(TimeRange(START + begin * HOUR, START + (begin + length) * HOUR))
    points = [(START + hour * HOUR, value) for hour, value in enumerate(values)]
    return Series(f"{kind} {seed}", points, truth)


def read_nab(folder: Path) -> list[Series]:
    """Return the real-world series of a clone of the benchmark."""
    labels = json.loads((folder / "labels" / "combined_windows.json").read_text())
    found = []
    for path in sorted((folder / "data").glob("real*/*.csv")):
        with path.open() as file:
            rows = [(_time(row["timestamp"]), float(row["value"])) for row in csv.DictReader(file)]
        windows = labels.get(f"{path.parent.name}/{path.name}", [])
        found.append(Series(path.stem, rows, [TimeRange(_time(a), _time(b)) for a, b in windows]))
    return found


def judge(series: Series, score: Score) -> None:
    """Replay an hourly anomaly rule over the series and count what it found."""
    rule = Rule(
        key="anomaly",
        name="Anomaly",
        measure=Measure.COST,
        condition=Anomaly(direction="above"),
        window=HOUR,
        timing=Timing(recover_after=6 * HOUR),
    )
    begin = (series.points[0][0] + LEARNING).replace(minute=0, second=0, microsecond=0)
    end = series.points[-1][0].replace(minute=0, second=0, microsecond=0)
    if end <= begin:
        return
    result = replay(rule, _sums(series), TimeRange(begin, end), HOUR)
    opened = [incident.opened_at for incident in result.incidents]
    truth = [window for window in series.truth if window.end > begin]
    for window in truth:
        hits = [at for at in opened if window.start < at <= max(window.end, window.start + DAY)]
        if hits:
            score.found += 1
            delays = score.delays_h = score.delays_h or []
            delays.append((hits[0] - window.start) / HOUR)
        else:
            score.missed += 1
    score.false += sum(
        not any(window.start < at <= max(window.end, window.start + DAY) for window in truth) for at in opened
    )
    score.days += (end - begin) / DAY


def report(name: str, score: Score) -> None:
    """Print one line."""
    hits = score.found + score.missed
    recall = f"{score.found / hits:.2f}" if hits else "-"
    told = score.found + score.false
    precision = f"{score.found / told:.2f}" if told and hits else "-"
    delay = f"{median(score.delays_h):.0f} h" if score.delays_h else "-"
    monthly = score.false / score.days * 30 if score.days else 0.0
    print(f"{name:12} recall {recall}  precision {precision}  delay {delay}  false/month {monthly:.2f}")


def _sums(series: Series) -> Measured:
    times = [time for time, _ in series.points]
    running = [0.0, *accumulate(value for _, value in series.points)]

    def measured(window: TimeRange) -> float | None:
        first, last = bisect_left(times, window.start), bisect_left(times, window.end)
        return running[last] - running[first] if last > first else None

    return measured


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text.partition(".")[0]).replace(tzinfo=UTC)


def main() -> None:
    """Score every kind of anomaly."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nab", type=Path)
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    for kind in ("spike", "step", "drift", "none"):
        score = Score()
        for seed in range(options.seeds):
            judge(generate(kind, seed), score)
        report(kind, score)
    if options.nab is not None:
        score = Score()
        for series in read_nab(options.nab):
            judge(series, score)
        report("NAB real", score)


if __name__ == "__main__":
    main()
