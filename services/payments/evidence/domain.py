"""Who may be paid on a piece of evidence: of all cells the first in the topic's order. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
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
    PART = "part"
    """One of the lines of a paper nobody claimed as a whole before; there may be many."""
    LATE = "late"
    RELEASED = "released"


class Claim(NamedTuple):
    """An order of some cell that stands on a piece of evidence, told under so many references."""

    evidence_ref: str
    order_id: str
    source: str
    at: datetime
    keys: int = 1
    by_line: bool = False


class Piece(NamedTuple):
    """The digest of a piece of evidence, and that of the paper where it is a line of one."""

    digest: bytes
    paper: bytes | None = None


@dataclass
class Taken:
    """Evidence that is taken: pieces, and papers of which at least a line is."""

    pieces: set[bytes] = field(default_factory=set)
    in_lines: set[bytes] = field(default_factory=set)

    def holds(self, piece: Piece) -> bool:
        """Whether a piece, the paper around it, or a line of it is taken."""
        if piece.paper is None:
            return piece.digest in self.pieces or piece.digest in self.in_lines
        return piece.digest in self.pieces or piece.paper in self.pieces

    def take(self, piece: Piece) -> None:
        """Let a piece be taken from now on."""
        self.pieces.add(piece.digest)
        if piece.paper is not None:
            self.in_lines.add(piece.paper)


def of_new_order(*, several_cells: bool) -> str:
    """What an order knows of its evidence when it is made: other cells must be heard first."""
    return OrderEvidence.PENDING.value if several_cells else OrderEvidence.ALONE.value


def may_be_paid(*, several_cells: bool) -> list[str]:
    """What the evidence of an order may be for it to leave in a bank file."""
    confirmed = [OrderEvidence.FIRST.value]
    return confirmed if several_cells else [*confirmed, OrderEvidence.ALONE.value]


def stand(
    claims: Iterable[Claim],
    *,
    held: Iterable[str],
    in_lines: Iterable[str],
    known: Iterable[tuple[str, str]],
) -> list[tuple[Claim, Standing]]:
    """Let claims stand in the order they were told in.

    `held` is evidence that has a first already, `in_lines` are papers of which lines are held,
    `known` are orders with the evidence they were told of with before.
    """
    taken, lined, seen = set(held), set(in_lines), set(known)
    standing = []
    for claim in claims:
        if (claim.order_id, claim.evidence_ref) in seen:
            continue
        seen.add((claim.order_id, claim.evidence_ref))
        ref = claim.evidence_ref
        if ref in taken or (ref in lined and not claim.by_line):
            standing.append((claim, Standing.LATE))
        elif claim.by_line:
            lined.add(ref)
            standing.append((claim, Standing.PART))
        else:
            taken.add(ref)
            standing.append((claim, Standing.FIRST))
    return standing
