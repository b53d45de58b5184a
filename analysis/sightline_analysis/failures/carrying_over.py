"""What a new fingerprint version does to stored clusters: every member gets its new name, ids stay."""

from collections.abc import Iterable, Sequence

from sightline_analysis.failures.fingerprint import FINGERPRINT_VERSION, fingerprint, hash_template
from sightline_semconv.failure_category import FailureCategory
from sightline_storage.failures.failure_records import ClusterRow, MemberRow

_SURE = 1.0


def carry_over(
    members: Sequence[MemberRow], clusters: Iterable[ClusterRow]
) -> tuple[list[MemberRow], list[tuple[str, str, float]]]:
    """Return members to add so that messages of older versions are known under the present one.

    Old names stay, as stored spans bear them. Where two clusters hold what the new version takes for one
    cause, the older one gets the name and the pair is suggested: a version moves nothing that people sorted.
    """
    kinds = sorted({(row.category, row.scope) for row in clusters})
    owner = {member.fingerprint: member.cluster for member in members}
    added: list[MemberRow] = []
    suggested: dict[tuple[str, str], None] = {}
    for member in members:
        version, _, _ = member.fingerprint.partition("-")
        kind = next((kind for kind in kinds if _is_of(member, version, kind)), None)
        if version == str(FINGERPRINT_VERSION) or kind is None:
            continue
        category, scope = kind
        found = fingerprint(member.message, FailureCategory(category), scope)
        is_new = found.value not in owner
        holder = owner.setdefault(found.value, member.cluster)
        if holder != member.cluster:
            suggested[member.cluster, holder] = None
        elif is_new:
            added.append(MemberRow(found.value, member.cluster, found.template, member.message))
    return added, [(cluster, other, _SURE) for cluster, other in suggested]


def _is_of(member: MemberRow, version: str, kind: tuple[str, str]) -> bool:
    """Whether a member was made in this category and scope: people merge across them, its name tells."""
    return (
        version.isdigit()
        and hash_template(member.template, *kind, version=int(version)) == member.fingerprint
    )
