"""What a partner's allocation of a semester adds to the counts. Pure."""

from typing import NamedTuple

from services.reporting.domain import NOWHERE, Cell, Level
from services.reporting.measures import ALLOCATIONS, allocation_measure
from shared.contracts.allocations import AllocationStood


class Standing(NamedTuple):
    """How an allocation stands; its sums are cents, in the order of `measures.ALLOCATIONS`."""

    partner: str
    semester: str
    version: int
    municipality_id: str
    cents: tuple[int, ...]


def standing_of(fact: AllocationStood) -> Standing:
    """How an allocation stands by a fact."""
    cents = tuple(getattr(fact, f"{part}_cents") for part in ALLOCATIONS)
    return Standing(fact.partner, fact.semester, fact.version, fact.municipality_id, cents)


def sums_of(standing: Standing | None) -> dict[Cell, int]:
    """What an allocation adds; nothing where none is known."""
    if standing is None:
        return {}
    partner, semester, _, municipality, sums = standing
    place = (Level.PARTNER.value, partner, municipality, NOWHERE, semester)
    return {
        Cell(*place, allocation_measure(part), ""): cents
        for part, cents in zip(ALLOCATIONS, sums, strict=True)
        if cents
    }
