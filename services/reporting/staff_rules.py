"""Who worked in the programme, as evidence for the counts of persons. Pure."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from services.reporting.domain import Place
from services.reporting.membership import Evidence
from services.reporting.plan_files import Item

PREPARED = "prepared"
CONSULTED = "consulted"
PEDAGOGUES = "pedagogues_involved|"
PROVIDERS = "support_providers_involved|"
KindCounts = Callable[[str, str], bool]
"""Whether a kind of staff counts as pedagogue in a semester."""


class Work(NamedTuple):
    """That somebody did something at a place in a semester, from a day on."""

    staff_ref: str
    role: str
    kind: str
    place: Place
    semester: str
    since: str


def evidence_of(
    works: Iterable[Work], is_pedagogue: KindCounts, *, as_of: str = "9999"
) -> dict[str, Evidence]:
    """By person what makes them count as pedagogue or as provider of support."""
    found: dict[str, dict[str, Item]] = {}
    for work in works:
        facets = {}
        if work.since <= as_of:
            if is_pedagogue(work.kind, work.semester):
                facets[PEDAGOGUES] = work.since
            if work.role == CONSULTED:
                facets[PROVIDERS] = work.since
                facets[f"{PROVIDERS}provider_kind={work.kind}"] = work.since
        name = "/".join((work.role, work.kind, *work.place, work.semester))
        items = found.setdefault(work.staff_ref, {})
        items[name] = Item(work.place, work.semester, facets, {})
    return {staff_ref: Evidence(items) for staff_ref, items in found.items()}
