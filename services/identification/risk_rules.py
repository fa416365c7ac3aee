"""Naming a pupil at risk: a proposal with factors, a second look with a reason, a clearance."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.identification.pupil_entries import Factor
from services.identification.risk_factors import CATALOGUE
from shared.errors import FourEyes, Invalid, NotFound, Refused


class UnknownRiskFactor(Invalid):
    """The catalogue has no risk factor of this code."""

    code = "unknown-risk-factor"


class FactorNeedsText(Invalid):
    """A factor of the kind "other" needs a text that says what it is."""

    code = "factor-needs-text"


class FactorTwice(Invalid):
    """The same factor stands in the proposal twice."""

    code = "factor-twice"


class AlreadyProposed(Refused):
    """The pupil is proposed or named in this semester already."""

    code = "already-proposed"


class SemesterOver(Refused):
    """The semester is over; nobody is named for it any more."""

    code = "semester-over"


class UnknownRisk(NotFound):
    """There is no proposal of this id."""

    code = "unknown-risk"


class WrongRiskMove(Refused):
    """From where this proposal stands it cannot go there."""

    code = "wrong-move"


class State(StrEnum):
    """Where a proposal stands."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    CLEARED = "cleared"


MOVES = frozenset(
    {
        (State.PROPOSED, State.CONFIRMED),
        (State.PROPOSED, State.REJECTED),
        (State.CONFIRMED, State.CLEARED),
    }
)
DECISIONS = {"confirm": State.CONFIRMED, "reject": State.REJECTED}


@dataclass(frozen=True)
class Risk:
    """A proposal to name a pupil in a semester, without its factors."""

    risk_id: str
    pupil_ref: str
    semester: str
    school_id: str
    groups: tuple[str, ...]
    state: State
    proposed_by: str


def check_factors(factors: Iterable[Factor]) -> tuple[str, ...]:
    """The risk groups of factors, in order.

    Raises UnknownRiskFactor, FactorNeedsText, FactorTwice.
    """
    groups: set[str] = set()
    seen: set[str] = set()
    for number, factor in enumerate(factors):
        known = CATALOGUE.get(factor.code)
        if known is None:
            raise UnknownRiskFactor(field=f"factors.{number}.code", known=sorted(CATALOGUE))
        if known.needs_text and not factor.text:
            raise FactorNeedsText(field=f"factors.{number}.text")
        if factor.code in seen:
            raise FactorTwice(field=f"factors.{number}.code")
        seen.add(factor.code)
        groups.add(known.group)
    return tuple(sorted(groups))


def check_semester_open(last_day: date, *, today: date) -> None:
    """Raise SemesterOver."""
    if today > last_day:
        raise SemesterOver(field="semester", last_day=last_day.isoformat())


def check_move(risk: Risk, to: State) -> None:
    """Raise WrongRiskMove for every move that is not in the table."""
    if (risk.state, to) not in MOVES:
        raise WrongRiskMove(field="risk_id", state=risk.state, to=to)


def check_second_look(risk: Risk, *, by: str) -> None:
    """Raise FourEyes where the proposer looks at the own proposal."""
    if risk.proposed_by == by:
        raise FourEyes(field="risk_id")
