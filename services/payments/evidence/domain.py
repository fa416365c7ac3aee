"""Who may be paid on a piece of evidence: of all cells the first in the topic's order. Pure."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class OrderEvidence(StrEnum):
    """What an order knows of its evidence; one without a paper knows nothing."""

    ALONE = "alone"
    """This cell alone paid in the country when the order was made; nobody had to be asked."""
    PENDING = "pending"
    FIRST = "first"
    ELSEWHERE = "elsewhere"


class Standing(StrEnum):
    """How the claim of an order on a piece of evidence stands among those of the country."""

    FIRST = "first"
    LATE = "late"
    RELEASED = "released"


class Claim(NamedTuple):
    """An order of some cell that stands on a piece of evidence, told under so many keys."""

    evidence_ref: str
    order_id: str
    source: str
    at: datetime
    keys: int = 1


def of_new_order(*, several_cells: bool) -> str:
    """What an order knows of its evidence when it is made: other cells must be heard first."""
    return OrderEvidence.PENDING.value if several_cells else OrderEvidence.ALONE.value


def may_be_paid(*, several_cells: bool) -> list[str]:
    """What the evidence of an order may be for it to leave in a bank file."""
    confirmed = [OrderEvidence.FIRST.value]
    return confirmed if several_cells else [*confirmed, OrderEvidence.ALONE.value]


def stand(
    claims: Iterable[Claim], *, held: Iterable[str], known: Iterable[tuple[str, str]]
) -> list[tuple[Claim, Standing]]:
    """Let claims stand in the order they were told in.

    `held` is evidence that has a first already, `known` are orders with the evidence they were
    told of with before.
    """
    taken, seen = set(held), set(known)
    standing = []
    for claim in claims:
        if (claim.order_id, claim.evidence_ref) in seen:
            continue
        seen.add((claim.order_id, claim.evidence_ref))
        late = claim.evidence_ref in taken
        taken.add(claim.evidence_ref)
        standing.append((claim, Standing.LATE if late else Standing.FIRST))
    return standing
