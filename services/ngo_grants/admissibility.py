"""Between the window and the marks: clearing up an application, or refusing it in writing."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.ngo_grants import application_rows, move_rows, paper_rows
from services.ngo_grants.application_rows import NoSuchApplication
from services.ngo_grants.application_rules import Application, State
from services.ngo_grants.applications import keep_form, own, problems_of
from services.ngo_grants.calls import day_of, organiser
from services.ngo_grants.commands import Answer, Ineligibility, Question
from services.ngo_grants.committee_rows import conflicts
from services.ngo_grants.committee_rules import ConflictOfInterest
from services.ngo_grants.domain import WrongMove
from services.ngo_grants.form import check_complete
from services.ngo_grants.vocabulary import ELIGIBILITY
from shared.auth import Person
from shared.errors import Invalid, Refused


class ClarificationLate(Refused):
    """The day for the answer is over."""

    code = "clarification-late"


class UnknownEligibility(Invalid):
    """There is no such eligibility criterion."""

    code = "unknown-criterion"


async def ask_clarification(
    session: AsyncSession, application_id: str, asked: Question, *, by: Person, now: datetime
) -> int:
    """Ask the applicant something after the window; returns the question's number."""
    application = await of_organiser(session, application_id, by)
    if asked.answer_by < day_of(now):
        raise Invalid("The day for the answer lies in the past.", field="answer_by")
    moves = [(application, State.CLARIFICATION, asked.question)]
    await move_rows.move(session, moves, by=by.subject, now=now)
    return await paper_rows.ask(
        session,
        application_id,
        question=asked.question,
        answer_by=asked.answer_by,
        by=by.subject,
        now=now,
    )


async def of_organiser(session: AsyncSession, application_id: str, by: Person) -> Application:
    """An application, locked, for an organiser of its call who has no interest in it."""
    application = await application_rows.locked_one(session, application_id)
    organiser(by, application.municipality_id)
    pairs = await conflicts(session, application.call_id)
    if any(pair[:2] == (application_id, by.subject) for pair in pairs):
        raise NoSuchApplication(application_id=application_id)
    if any(grant.organisation == application.registration_number for grant in by.grants):
        raise ConflictOfInterest(application_id=application_id)
    return application


async def answer_clarification(
    session: AsyncSession, application_id: str, given: Answer, *, by: Person, now: datetime
) -> Application:
    """Answer the open question in time, with a corrected form where one is needed."""
    call, application = await own(session, application_id, by)
    questions = await paper_rows.clarifications(session, application_id)
    if application.state is not State.CLARIFICATION or not questions:
        raise WrongMove(application_id=application_id, state=application.state, asked="answered")
    last = questions[-1]
    if day_of(now) > last["answer_by"]:
        raise ClarificationLate(answer_by=last["answer_by"].isoformat())
    if given.form is not None:
        await keep_form(session, call, application, given.form)
        check_complete(await problems_of(session, call, application_id))
    await paper_rows.answer(
        session, application_id, last["number"], given.answer, by=by.subject, now=now
    )
    application = await application_rows.locked_one(session, application_id)
    await move_rows.move(session, [(application, State.ADMISSIBLE, None)], by=by.subject, now=now)
    return await application_rows.read(session, application_id)


async def refuse_application(
    session: AsyncSession, application_id: str, why: Ineligibility, *, by: Person, now: datetime
) -> Application:
    """Refuse an application that does not meet an eligibility criterion, in writing."""
    application = await of_organiser(session, application_id, by)
    if why.criterion not in {word.code for word in ELIGIBILITY}:
        raise UnknownEligibility(field="criterion")
    await move_rows.move(
        session, [(application, State.REFUSED, why.reason)], by=by.subject, now=now
    )
    reasons = [{"code": "eligibility-not-met", "criterion": why.criterion, "comment": why.reason}]
    outcome = {"application_id": application_id, "place": None, "total": None, "reasons": reasons}
    await move_rows.keep_outcomes(session, [outcome])
    return await application_rows.read(session, application_id)
