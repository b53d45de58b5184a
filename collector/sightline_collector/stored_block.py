"""What storing one block took, for whoever watches the collector."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoredBlock:
    """All times in nanoseconds since the epoch. Decoding lies between `begun_ns` and `decoded_ns`.

    `oldest_ns` is when the oldest of its spans was received; `refusals` counts how often the store had to be
    asked again; `stored` is less than `spans` by those that were set aside.
    """

    oldest_ns: int
    begun_ns: int
    decoded_ns: int
    stored_ns: int
    spans: int
    stored: int
    refusals: int
