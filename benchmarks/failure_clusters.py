"""How well fingerprints and merging find the causes that a person labelled.

    python -m benchmarks.failure_clusters FILE.json --text text --label issue

FILE holds a JSON list of objects. Prints one JSON object:

- `ari`, `nmi`, `homogeneity`: clusters against labels (Hubert and Arabie 1985; NMI with the arithmetic mean;
  Rosenberg and Hirschberg 2007);
- `clusters`, `causes`: how many we made, how many there are;
- `cpu_ms_per_message`: process CPU time of unwrapping, classifying, masking and merging, per message;
- `id_churn`: share of messages whose cluster id differs between two collectors (separate interpreters with
  other hash seeds) or changes while the messages arrive in ten batches.

Uses the code that the product runs, with an empty scope, as a bare message names neither tool nor provider.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Hashable, Sequence
from pathlib import Path

from sightline_analysis.failures.classification import classify
from sightline_analysis.failures.clustering import Candidate, Clusters
from sightline_analysis.failures.fingerprint import fingerprint_of_root
from sightline_analysis.failures.unwrapping import unwrap

BATCHES = 10


def to_candidate(text: str) -> Candidate:
    """Return the fingerprint of one message as the collector makes it."""
    root = unwrap(text)
    category, _ = classify(root)
    found = fingerprint_of_root(root, category, "")
    return Candidate(found.value, found.template, category.value, "")


def cluster_in_batches(candidates: Sequence[Candidate]) -> tuple[list[str], int]:
    """Return each message's final cluster id and how many ids changed on the way (ten batches)."""
    clusters = Clusters()
    first_id: dict[int, str] = {}
    step = max(1, math.ceil(len(candidates) / BATCHES))
    for end in range(step, len(candidates) + step, step):
        clusters.assign(candidates[max(0, end - step) : end])
        for index in range(min(end, len(candidates))):
            first_id.setdefault(index, clusters.cluster_of(candidates[index].fingerprint) or "")
    final = [clusters.cluster_of(candidate.fingerprint) or "" for candidate in candidates]
    return final, sum(first_id[index] != cluster for index, cluster in enumerate(final))


def _pairs(counts: Counter[Hashable]) -> int:
    return sum(n * (n - 1) // 2 for n in counts.values())


def _entropy(counts: Counter[Hashable], total: int) -> float:
    return -sum(n / total * math.log(n / total) for n in counts.values())


def agreement(labels: Sequence[Hashable], found: Sequence[Hashable]) -> dict[str, float]:
    """Return `ari`, `nmi` and `homogeneity` of two labellings of the same messages."""
    total = len(labels)
    both: Counter[Hashable] = Counter(zip(labels, found, strict=True))
    by_label: Counter[Hashable] = Counter(labels)
    by_cluster: Counter[Hashable] = Counter(found)
    expected = _pairs(by_label) * _pairs(by_cluster) / max(1, total * (total - 1) // 2)
    ceiling = (_pairs(by_label) + _pairs(by_cluster)) / 2
    h_label, h_cluster, h_both = _entropy(by_label, total), _entropy(by_cluster, total), _entropy(both, total)
    mutual = h_label + h_cluster - h_both
    mean = (h_label + h_cluster) / 2
    return {
        "ari": round((_pairs(both) - expected) / (ceiling - expected), 4) if ceiling != expected else 1.0,
        "nmi": round(mutual / mean, 4) if mean else 1.0,
        "homogeneity": round(mutual / h_label, 4) if h_label else 1.0,
    }


def _fingerprints_of_another_collector(path: Path, text_key: str) -> list[str]:
    command = [
        sys.executable,
        "-m",
        "benchmarks.failure_clusters",
        str(path),
        "--text",
        text_key,
        "--fingerprints",
    ]
    environment = {**os.environ, "PYTHONHASHSEED": "4242"}
    done = subprocess.run(command, env=environment, capture_output=True, check=True, text=True)
    return [str(value) for value in json.loads(done.stdout)]


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the file, cluster it, print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.failure_clusters", allow_abbrev=False)
    parser.add_argument("file", type=Path)
    parser.add_argument("--text", default="text", help="key of the message")
    parser.add_argument("--label", default="issue", help="key of the cause that a person gave it")
    parser.add_argument("--fingerprints", action="store_true", help="print the fingerprints only")
    options = parser.parse_args(arguments)
    rows = json.loads(options.file.read_text(encoding="utf-8"))
    texts = [str(row[options.text]) for row in rows]
    if options.fingerprints:
        print(json.dumps([to_candidate(text).fingerprint for text in texts]))
        return
    started = time.process_time()
    candidates = [to_candidate(text) for text in texts]
    found, changed = cluster_in_batches(candidates)
    cpu_ms = (time.process_time() - started) * 1000
    other = _fingerprints_of_another_collector(options.file, options.text)
    differing = sum(mine.fingerprint != theirs for mine, theirs in zip(candidates, other, strict=True))
    labels = [str(row[options.label]) for row in rows]
    figures = {
        **agreement(labels, found),
        "clusters": len(set(found)),
        "causes": len(set(labels)),
        "cpu_ms_per_message": round(cpu_ms / max(1, len(texts)), 4),
        "id_churn": round((changed + differing) / max(1, len(texts)), 4),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
