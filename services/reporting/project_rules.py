"""What calls and youth projects add to the counts. Pure.

Counted for the partner that runs the call, in the month of the day each thing is true of.
"""

from dataclasses import dataclass, field, replace

from services.reporting.domain import NOWHERE, Cell, Level, month_period
from shared.calendar import month_of
from shared.contracts.ngo_grants import (
    CallCancelled,
    CallOpened,
    ProjectAccepted,
    ProjectContracted,
    ProjectFact,
)


@dataclass(frozen=True)
class ProjectState:
    """A call or a project as far as its facts told: what it adds, by measure."""

    project_key: str
    partner: str
    municipality_id: str
    version: int = 0
    adds: dict[str, tuple[str, int]] = field(default_factory=dict)
    """By measure: the month and the number."""


def unheard(fact: ProjectFact) -> ProjectState:
    """The state before the first fact."""
    return ProjectState(fact.project_key, fact.partner, fact.municipality_id)


def heard(state: ProjectState, fact: ProjectFact) -> ProjectState:
    """The state after a fact; itself where it knew this or a later one already."""
    if fact.version <= state.version:
        return state
    adds = dict(state.adds)
    if isinstance(fact, CallOpened):
        adds["calls_opened"] = (month_of(fact.opens_on), 1)
    elif isinstance(fact, CallCancelled):
        adds.pop("calls_opened", None)
    elif isinstance(fact, ProjectContracted):
        month = month_of(fact.starts_on)
        adds["projects_contracted"] = (month, 1)
        adds["project_cents"] = (month, fact.cents)
    elif isinstance(fact, ProjectAccepted):
        month = month_of(fact.accepted_on)
        adds["projects_accepted"] = (month, 1)
        adds["project_participants"] = (month, fact.participants)
        adds["project_participants_at_risk"] = (month, fact.participants_at_risk)
    return replace(state, version=fact.version, adds=adds)


def sums_of(state: ProjectState) -> dict[Cell, int]:
    """What the call or project adds."""
    place = (Level.PARTNER.value, state.partner, state.municipality_id, NOWHERE)
    return {
        Cell(*place, month_period(month), measure, ""): number
        for measure, (month, number) in state.adds.items()
        if number
    }
