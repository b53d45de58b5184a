"""Draws how the store answers as it grows: `python -m benchmarks.store_curve FIGURES.csv`.

Writes `FIGURES.svg`. `benchmarks.store_speed --figures` writes the figures and draws them too.
"""

import argparse
import csv
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from html import escape
from pathlib import Path
from typing import Final

_COLUMNS: Final = 3
_WIDTH, _HEIGHT = 270, 165
_LEFT, _TOP, _RIGHT, _BOTTOM = 48, 26, 14, 24
_MS: Final = (10, 30, 100, 300, 1000)
_STYLE: Final = """
text { font: 12px system-ui, sans-serif; fill: #1f2328 }
.small { font-size: 10px; fill: #59636e }
path { fill: none; stroke: currentColor; stroke-width: 2 }
.grid { color: #d1d9e0; stroke-width: 1 }
.p95 { stroke-width: 1.2; stroke-dasharray: 5 3 }
.cpu { stroke-width: 1.5; stroke-dasharray: 1 3 }
.c0 { color: #0969da } .c1 { color: #bc4c00 }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc } .small { fill: #9198a1 } .grid { color: #3d444d }
  .c0 { color: #58a6ff } .c1 { color: #f0883e }
}
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """How long one question took on a store of one size."""

    when: str
    question: str
    spans: int
    p50_ms: float
    p95_ms: float
    cpu_ms: float


def write(figures: Sequence[Figure], path: Path) -> None:
    """Write the figures as CSV, and the curve beside them as SVG."""
    with path.open("w", newline="") as file:
        rows = csv.DictWriter(file, [field.name for field in fields(Figure)], lineterminator="\n")
        rows.writeheader()
        rows.writerows(map(asdict, figures))
    path.with_suffix(".svg").write_text(draw(figures))


def read(path: Path) -> list[Figure]:
    """Return what `write` wrote."""
    with path.open(newline="") as file:
        return [
            Figure(
                row["when"],
                row["question"],
                int(row["spans"]),
                *(float(row[name]) for name in ("p50_ms", "p95_ms", "cpu_ms")),
            )
            for row in csv.DictReader(file)
        ]


def draw(figures: Sequence[Figure]) -> str:
    """Return an SVG with a panel for each question, both axes logarithmic, and a colour for each `when`.

    Its colours follow the reader's theme.
    """
    states = list(dict.fromkeys(figure.when for figure in figures))
    questions = list(dict.fromkeys(figure.question for figure in figures))
    sizes = sorted({figure.spans for figure in figures})
    bottom = _HEIGHT * -(-len(questions) // _COLUMNS) + 14
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH * _COLUMNS} {bottom + 14}">',
        "<title>Milliseconds to answer by stored spans</title>",
        f"<style>{_STYLE}</style>",
    ]
    for number, question in enumerate(questions):
        row, column = divmod(number, _COLUMNS)
        parts.append(f'<g transform="translate({column * _WIDTH} {row * _HEIGHT})">')
        parts.append(f'<text x="{_LEFT}" y="17">{escape(question)}</text>')
        parts += _grid(sizes)
        for color, when in enumerate(states):
            curve = [figure for figure in figures if (figure.when, figure.question) == (when, question)]
            parts += _curve(color, sorted(curve, key=lambda figure: figure.spans), sizes)
        parts.append("</g>")
    x = _LEFT
    for color, when in enumerate(states):
        parts.append(f'<path class="c{color}" d="M{x} {bottom} h18"/>')
        parts.append(f'<text x="{x + 24}" y="{bottom + 4}">{escape(when)}</text>')
        x += 60 + 7 * len(when)
    lines = "solid: median, dashed: 95th percentile, dotted: CPU of the process"
    parts.append(f'<text class="small" x="{x}" y="{bottom + 4}">{lines}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _grid(sizes: Sequence[int]) -> Iterator[str]:
    y: float = _HEIGHT - 8
    for size in sizes:
        label = f"{size // 1_000_000} M" if size >= 1_000_000 else f"{size // 1000} k"
        x = _x(size, sizes)
        yield f'<text class="small" x="{x}" y="{y}" text-anchor="middle">{label}</text>'
    for ms in _MS:
        y = _y(ms)
        label = f"{ms // 1000} s" if ms >= 1000 else f"{ms} ms"
        yield f'<path class="grid" d="M{_LEFT} {y} H{_WIDTH - _RIGHT}"/>'
        yield f'<text class="small" x="{_LEFT - 5}" y="{y + 3}" text-anchor="end">{label}</text>'


def _curve(color: int, curve: Sequence[Figure], sizes: Sequence[int]) -> Iterator[str]:
    for name in ("p50", "p95", "cpu"):
        points = [f"{_x(figure.spans, sizes)} {_y(getattr(figure, f'{name}_ms'))}" for figure in curve]
        yield f'<path class="c{color} {name}" d="M{" L".join(points)}"/>'


def _x(spans: int, sizes: Sequence[int]) -> float:
    low, high = math.log(sizes[0]), math.log(sizes[-1])
    share = (math.log(spans) - low) / (high - low) if high > low else 0.5
    return round(_LEFT + 10 + share * (_WIDTH - _LEFT - _RIGHT - 20), 1)


def _y(ms: float) -> float:
    low, high = math.log(_MS[0]), math.log(_MS[-1])
    share = (math.log(min(max(ms, _MS[0]), _MS[-1])) - low) / (high - low)
    return round(_HEIGHT - _BOTTOM - share * (_HEIGHT - _BOTTOM - _TOP), 1)


def main() -> None:
    """Draw figures that were written before."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("figures", type=Path)
    path = parser.parse_args().figures
    path.with_suffix(".svg").write_text(draw(read(path)))


if __name__ == "__main__":
    main()
