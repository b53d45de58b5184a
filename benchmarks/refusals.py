"""How well refusals are told from answers, against labels that people gave.

    python -m benchmarks.refusals FILE.json --text text --label refusal

FILE holds a JSON list of objects; a label is a truth value, or a text or number that `--positive` names
(repeat it for several). Prints one JSON object: `precision`, `recall`, `f1`, `n`, `refusals` (how many the
labels hold), `skipped_by_preview` (refusals that the first look at the preview leaves out; they count as
missed) and `cpu_us_per_kb`, the thread's CPU time for each 1,024 bytes of text.

Uses the code that the product runs on every answer: first the preview, then the text.
"""

import argparse
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sightline_analysis.failures.refusals import find_refusal, may_refuse

PREVIEW_CHARS = 300
_TRUE = frozenset({"true", "1", "yes", "refusal"})


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the file, judge every text, print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.refusals", allow_abbrev=False)
    parser.add_argument("file", type=Path)
    parser.add_argument("--text", default="text", help="key of the completion")
    parser.add_argument("--label", default="refusal", help="key of the label")
    parser.add_argument("--positive", action="append", help="a label that means a refusal; default: true")
    parser.add_argument("--mistakes", action="store_true", help="print what was judged wrongly as well")
    options = parser.parse_args(arguments)
    rows = json.loads(options.file.read_text(encoding="utf-8"))
    positive = frozenset(value.lower() for value in options.positive) if options.positive else _TRUE
    texts = [str(row[options.text]) for row in rows]
    labels = [str(row[options.label]).lower() in positive for row in rows]
    started = time.thread_time()
    previews = [may_refuse(" ".join(text[:1000].split())[:PREVIEW_CHARS]) for text in texts]
    found = [seen and find_refusal(text) is not None for seen, text in zip(previews, texts, strict=True)]
    cpu_us = (time.thread_time() - started) * 1e6
    if options.mistakes:
        print_mistakes(rows, options.text, labels, found)
    skipped = sum(label and not seen for label, seen in zip(labels, previews, strict=True))
    kilobytes = sum(len(text.encode("utf-8", "replace")) for text in texts) / 1024
    figures = agreement(labels, found) | {
        "skipped_by_preview": skipped,
        "cpu_us_per_kb": round(cpu_us / max(kilobytes, 1e-9), 1),
    }
    print(json.dumps(figures))


def agreement(labels: Sequence[bool], found: Sequence[bool]) -> dict[str, float]:
    """Return precision, recall and F1 of what was found, and how many there are."""
    both = sum(label and one for label, one in zip(labels, found, strict=True))
    precision = both / max(1, sum(found))
    recall = both / max(1, sum(labels))
    f1 = 2 * precision * recall / (precision + recall) if both else 0.0
    return {
        "precision": round(precision, 4),
        "recall": round(recall, 4),
        "f1": round(f1, 4),
        "n": len(labels),
        "refusals": sum(labels),
    }


def print_mistakes(
    rows: Sequence[Mapping[str, Any]], key: str, labels: Sequence[bool], found: Sequence[bool]
) -> None:
    """Print one JSON object a line for each text that was judged wrongly."""
    for row, label, one in zip(rows, labels, found, strict=True):
        if label != one:
            print(json.dumps({"mistake": "missed" if label else "false alarm", "text": str(row[key])[:300]}))


if __name__ == "__main__":
    main()
