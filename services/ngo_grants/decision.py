"""The committee's decision, and what follows when a winner withdraws."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.ngo_grants import application_rows, call_rows, decision_rows, domain, move_rows
from services.ngo_grants.application_rules import Application, State
from services.ngo_grants.calls import day_of, organiser
from services.ngo_grants.commands import DecisionOrder, Reason
from services.ngo_grants.committee_rules import ConflictOfInterest, check_quorum, check_whole
from services.ngo_grants.domain import Call, CallState
from services.ngo_grants.move_rows import Move
from services.ngo_grants.ranking import Outcome, Place, Ranking
from services.ngo_grants.ranking_view import reason_of
from services.ngo_grants.scoring import exact
from services.ngo_grants.standings import Standing, committee_and_viewer, standing
from shared.auth import Person, Role
from shared.bus.outbox import publish
from shared.contracts.ngo_grants import DecisionPublished
from shared.errors import FourEyes, Refused

OUTCOMES: Mapping[Outcome, State] = {
    Outcome.APPROVED: State.APPROVED,
    Outcome.RESERVE: State.RESERVE,
    Outcome.REJECTED: State.REJECTED,
}
WINNERS = frozenset(
    {
        State.APPROVED,
        State.CONTRACTED,
        State.RUNNING,
        State.REPORTED,
        State.ACCEPTED,
        State.RECOVERY,
        State.RECOVERED,
    }
)


class ClarificationOpen(Refused):
    """An applicant still has a question to answer; there is no decision before that."""

    code = "clarification-open"


async def decide(
    session: AsyncSession, call_id: str, order: DecisionOrder, *, by: Person, now: datetime
) -> Standing:
    """Decide by the ranking as it stands, with written reasons; returns what it rests on.

    Refused below the quorum, with half-filled marks, open questions, or late without a reason.
    """
    call = await call_rows.locked(session, call_id)
    organiser(by, call.municipality_id)
    domain.check_call_move(call, CallState.DECIDED)
    committee, viewer = await committee_and_viewer(session, call, by.subject)
    if viewer is not None:
        raise FourEyes("Who evaluates in this call may not record its decision.")
    stands = await standing(session, call, committee, viewer=None, lock=True)
    _check(stands, by)
    domain.check_in_time(call, day_of(now), order.late_reason)
    ranking = stands.ranking()
    await _move_all(session, stands, ranking, by=by, now=now)
    decided = replace(call, state=CallState.DECIDED, decided_at=now)
    decided = await call_rows.change(
        session, decided, "decided", by=by.subject, now=now, reason=order.late_reason
    )
    counts = await _counts(session, call_id)
    await decision_rows.add(session, _decision(order, call_id, counts, by=by, now=now))
    await _tell(session, decided, counts, now=now)
    return replace(stands, call=decided)


def _check(stands: Standing, by: Person) -> None:
    """Refuse while something is open, half-filled, below the quorum, or the decider's own."""
    for application in stands.applications.values():
        if any(grant.organisation == application.registration_number for grant in by.grants):
            raise ConflictOfInterest(application_id=application.application_id)
    waiting = [
        a.application_id for a in stands.applications.values() if a.state is State.CLARIFICATION
    ]
    if waiting:
        raise ClarificationOpen(applications=list(waiting))
    check_whole(stands.half_filled)
    check_quorum(stands.evaluators, stands.call.rules.quorum)


async def _move_all(
    session: AsyncSession, stands: Standing, ranking: Ranking, *, by: Person, now: datetime
) -> None:
    """Scored, then approved, reserve or rejected; places, exact totals and reasons are kept."""
    waiting = [a for a in stands.applications.values() if a.state is State.ADMISSIBLE]
    moves: list[Move] = [(a, State.SCORED, None) for a in waiting]
    scored = await move_rows.move(session, moves, by=by.subject, now=now)
    known = {**stands.applications, **{a.application_id: a for a in scored}}
    outcomes: list[Move] = [
        (known[place.application_id], OUTCOMES[place.outcome], None) for place in ranking.places
    ]
    await move_rows.move(session, outcomes, by=by.subject, now=now)
    await move_rows.keep_outcomes(session, [_outcome(stands, p) for p in ranking.places])


def _outcome(stands: Standing, place: Place) -> dict[str, Any]:
    """What is kept of a place."""
    return {
        "application_id": place.application_id,
        "place": place.place,
        "total": exact(stands.scores[place.application_id].total),
        "reasons": [reason_of(reason).model_dump() for reason in place.reasons],
    }


async def _counts(session: AsyncSession, call_id: str) -> dict[str, int]:
    """How many applications of a decided call stand where."""
    states = Counter(a.state for a in await application_rows.of_call(session, call_id))
    return {
        "approved": sum(states[state] for state in WINNERS),
        "reserve": states[State.RESERVE],
        "rejected": states[State.REJECTED] + states[State.REFUSED],
    }


def _decision(
    order: DecisionOrder, call_id: str, counts: Mapping[str, int], *, by: Person, now: datetime
) -> dict[str, Any]:
    """The row of a decision."""
    return {
        "call_id": call_id,
        "decided_by": by.subject,
        "decided_at": now,
        "late_reason": order.late_reason,
        "remarks": order.remarks,
        "comments": {comment.application_id: comment.text for comment in order.comments},
        **counts,
    }


async def _tell(
    session: AsyncSession, call: Call, counts: Mapping[str, int], *, now: datetime
) -> None:
    """Tell the decision in counts."""
    assert call.decided_at is not None
    fact = DecisionPublished(
        project_key=call.call_id,
        call_id=call.call_id,
        partner=call.municipality_id,
        municipality_id=call.municipality_id,
        version=call.version,
        decided_at=call.decided_at,
        approved=counts["approved"],
        reserve=counts["reserve"],
        rejected=counts["rejected"],
    )
    await publish(session, [fact], at=now)


async def withdraw(
    session: AsyncSession, application_id: str, why: Reason, *, by: Person, now: datetime
) -> Application:
    """An organisation takes its application back; a winner's place goes to the reserve."""
    call_id = (await application_rows.read(session, application_id)).call_id
    call = await call_rows.locked(session, call_id)
    application = await application_rows.locked_one(session, application_id)
    by.must({Role.APPLICANT}, application.registration_number)
    was = application.state
    await move_rows.move(
        session, [(application, State.WITHDRAWN, why.reason)], by=by.subject, now=now
    )
    if was is State.APPROVED:
        await _fill(session, call, by=by, now=now)
    elif was is State.RESERVE:
        await recount(session, call, "reserve withdrawn", by=by, now=now)
    return await application_rows.read(session, application_id)


async def _fill(session: AsyncSession, call: Call, *, by: Person, now: datetime) -> None:
    """Let the first of the reserve move up into a place that became free."""
    reserve = await application_rows.of_call(session, call.call_id, (State.RESERVE,), lock=True)
    first: Sequence[Application] = sorted(reserve, key=lambda a: a.place or 0)[:1]
    moves: list[Move] = [(a, State.APPROVED, "a winner withdrew") for a in first]
    await move_rows.move(session, moves, by=by.subject, now=now)
    await recount(session, call, "reserve moved up", by=by, now=now)


async def recount(
    session: AsyncSession, call: Call, what: str, *, by: Person, now: datetime
) -> None:
    """Keep and tell the decision's counts after something moved; the call must be locked."""
    counts = await _counts(session, call.call_id)
    await decision_rows.set_counts(session, call.call_id, counts)
    changed = await call_rows.change(session, call, what, by=by.subject, now=now)
    await _tell(session, changed, counts, now=now)
