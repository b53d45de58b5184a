"""The stable name of a failure's cause."""

import hashlib
from dataclasses import dataclass

from sightline_analysis.failures.masking import mask
from sightline_analysis.failures.unwrapping import Root, unwrap
from sightline_semconv.failure_category import FailureCategory

FINGERPRINT_VERSION = 2
"""Raised with every change that alters a template; `carrying_over` then names old members anew."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """`value` is `"<version>-<16 hex digits>"`; `template` the masked first sentence it is made of."""

    value: str
    template: str
    message: str


def fingerprint(text: str, category: FailureCategory, scope: str) -> Fingerprint:
    """Return the fingerprint of an error text inside a category and a scope (tool or provider, "" = none).

    The same arguments give the same value on every machine and for ever; 0.1 to 0.3 ms for 400 characters.
    """
    return fingerprint_of_root(unwrap(text), category, scope)


def fingerprint_of_root(root: Root, category: FailureCategory, scope: str) -> Fingerprint:
    """Return the fingerprint of a message that is unwrapped already."""
    template = mask(root.message)
    return Fingerprint(hash_template(template, category, scope), template, root.message)


def hash_template(template: str, category: str, scope: str, version: int = FINGERPRINT_VERSION) -> str:
    """Return the value for a template; parts are separated by a character that none of them can hold."""
    digest = hashlib.blake2b(f"{category}\x1f{scope}\x1f{template}".encode("utf-8", "replace"), digest_size=8)
    return f"{version}-{digest.hexdigest()}"
