"""How spans fail: detection, fingerprints, clusters. See `docs/failures.md`."""

from sightline_analysis.failures.detection import Failure, detect
from sightline_analysis.failures.fingerprint import FINGERPRINT_VERSION, Fingerprint, fingerprint
from sightline_analysis.failures.marking import mark_failure
from sightline_analysis.failures.propagation import find_carriers

__all__ = [
    "FINGERPRINT_VERSION",
    "Failure",
    "Fingerprint",
    "detect",
    "find_carriers",
    "fingerprint",
    "mark_failure",
]
