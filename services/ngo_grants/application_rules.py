"""The life of an application, later a project: its states and the table of its moves.

Source: the states follow the published course of the calls; the table is our rule.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from services.ngo_grants.domain import WrongMove
from shared.errors import Invalid, Refused


class State(StrEnum):
    """Where an application, later the project, stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    CLARIFICATION = "clarification"
    ADMISSIBLE = "admissible"
    REFUSED = "refused"
    SCORED = "scored"
    APPROVED = "approved"
    RESERVE = "reserve"
    REJECTED = "rejected"
    CONTRACTED = "contracted"
    RUNNING = "running"
    REPORTED = "reported"
    ACCEPTED = "accepted"
    RECOVERY = "recovery"
    RECOVERED = "recovered"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


_PATHS: Mapping[State, tuple[State, ...]] = {
    State.DRAFT: (State.SUBMITTED, State.WITHDRAWN, State.LAPSED),
    State.SUBMITTED: (State.ADMISSIBLE, State.WITHDRAWN, State.LAPSED),
    State.ADMISSIBLE: (
        State.CLARIFICATION,
        State.REFUSED,
        State.SCORED,
        State.WITHDRAWN,
        State.LAPSED,
    ),
    State.CLARIFICATION: (State.ADMISSIBLE, State.REFUSED, State.WITHDRAWN, State.LAPSED),
    State.SCORED: (State.APPROVED, State.RESERVE, State.REJECTED, State.WITHDRAWN, State.LAPSED),
    State.RESERVE: (State.APPROVED, State.WITHDRAWN),
    State.REJECTED: (State.RESERVE,),
    State.APPROVED: (State.CONTRACTED, State.WITHDRAWN),
    State.CONTRACTED: (State.RUNNING, State.REPORTED, State.RECOVERY),
    State.RUNNING: (State.REPORTED, State.RECOVERY),
    State.REPORTED: (State.RUNNING, State.ACCEPTED, State.RECOVERY),
    State.RECOVERY: (State.RECOVERED,),
}
MOVES = frozenset((source, to) for source, targets in _PATHS.items() for to in targets)
TAKES_PART = frozenset({State.ADMISSIBLE, State.CLARIFICATION, State.SCORED})
WAS_FILED = frozenset(State) - {State.DRAFT, State.LAPSED}
PROJECT = frozenset(
    {
        State.CONTRACTED,
        State.RUNNING,
        State.REPORTED,
        State.ACCEPTED,
        State.RECOVERY,
        State.RECOVERED,
    }
)


@dataclass(frozen=True, slots=True)
class Application:
    """An application without its form; after the decision with place, exact total and reasons."""

    application_id: str
    call_id: str
    municipality_id: str
    registration_number: str
    applicant: str
    state: State
    version: int
    title: str
    created_by: str
    submitted_by: str | None
    submitted_at: datetime | None
    place: int | None
    total: str | None
    reasons: Any


def application_id_of(call_id: str, registration_number: str, number: int) -> str:
    """The id of an organisation's so-manieth application in a call.

    It tells nothing about what other organisations filed, and no chance is involved.
    """
    return f"{call_id}-{registration_number}-{number}"


class OutsideWindow(Refused):
    """Applications are filed from the first to the last day of the call's window."""

    code = "outside-call-window"


class Repeated(Refused):
    """This organisation has this project in the call already."""

    code = "application-repeated"


class AmountFixed(Invalid):
    """The grant is fixed by the call and cannot be changed."""

    code = "amount-is-fixed"


class InformalGroupAlone(Refused):
    """An informal youth group applies together with an organisation that carries the project."""

    code = "informal-group-alone"


def check_move(source: State, to: State, **about: str) -> None:
    """Refuse every move that is not in the table."""
    if (source, to) not in MOVES:
        raise WrongMove(state=source, asked=to, **about)


def title_key(title: str) -> str:
    """A title without case and surplus space: one organisation has it once in a call."""
    return " ".join(title.casefold().split())
