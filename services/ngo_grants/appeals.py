"""Appeals against a decision: filed by the organisation, answered by somebody else."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from services.ngo_grants import application_rows, call_rows, decision_rows, move_rows, paper_rows
from services.ngo_grants.admissibility import of_organiser
from services.ngo_grants.application_rules import Application, State
from services.ngo_grants.applications import own
from services.ngo_grants.calls import day_of
from services.ngo_grants.commands import AppealAnswer, AppealEntry
from services.ngo_grants.decision import recount
from services.ngo_grants.domain import WrongMove
from shared.auth import Person
from shared.errors import FourEyes, NotFound, Refused

APPEALABLE = frozenset({State.REJECTED, State.RESERVE, State.REFUSED})


class AppealLate(Refused):
    """The days for an appeal are over."""

    code = "appeal-late"


class AppealTwice(Refused):
    """There is an appeal against this decision already."""

    code = "appeal-twice"


class UnknownAppeal(NotFound):
    """Nobody appealed in this matter, or it was answered."""

    code = "unknown-appeal"


async def file_appeal(
    session: AsyncSession, application_id: str, entry: AppealEntry, *, by: Person, now: datetime
) -> None:
    """Appeal against a decision within its days."""
    call, application = await own(session, application_id, by)
    if application.state not in APPEALABLE or call.decided_at is None:
        raise WrongMove(application_id=application_id, state=application.state, asked="appeal")
    last = day_of(call.decided_at) + timedelta(days=call.rules.appeal_days)
    if day_of(now) > last:
        raise AppealLate(last_day=last.isoformat())
    if await paper_rows.appeal_of(session, application_id) is not None:
        raise AppealTwice(application_id=application_id)
    await paper_rows.add_appeal(session, application_id, entry.grounds, by=by.subject, now=now)


async def answer_appeal(
    session: AsyncSession, application_id: str, given: AppealAnswer, *, by: Person, now: datetime
) -> Application:
    """Answer an appeal with a reason; an upheld one joins the end of the reserve list.

    Who recorded the decision may not answer appeals against it.
    """
    call_id = (await application_rows.read(session, application_id)).call_id
    call = await call_rows.locked(session, call_id)
    application = await of_organiser(session, application_id, by)
    appeal = await paper_rows.appeal_of(session, application_id)
    if appeal is None or appeal["answer"] is not None:
        raise UnknownAppeal(application_id=application_id)
    decision = await decision_rows.of_call(session, call_id)
    if decision is not None and decision["decided_by"] == by.subject:
        raise FourEyes("Who recorded the decision may not answer appeals against it.")
    await paper_rows.answer_appeal(
        session,
        application_id,
        answer="upheld" if given.upheld else "dismissed",
        reason=given.reason,
        by=by.subject,
        now=now,
    )
    if given.upheld and application.state is State.REJECTED:
        await _to_reserve(session, application, given.reason, by=by, now=now)
        await recount(session, call, "appeal upheld", by=by, now=now)
    return await application_rows.read(session, application_id)


async def _to_reserve(
    session: AsyncSession, application: Application, reason: str, *, by: Person, now: datetime
) -> None:
    """Give the application the place behind everybody who has one."""
    others = await application_rows.of_call(session, application.call_id)
    last = max((a.place for a in others if a.place is not None), default=0)
    await move_rows.move(session, [(application, State.RESERVE, reason)], by=by.subject, now=now)
    outcome = {
        "application_id": application.application_id,
        "place": last + 1,
        "total": application.total,
        "reasons": application.reasons,
    }
    await move_rows.keep_outcomes(session, [outcome])
