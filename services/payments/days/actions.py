"""What facts about days do: kept, and where money was given for such a day, put before a person."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.days import case_rows
from services.payments.days import store as day_rows
from services.payments.days.case_rows import CaseRow
from services.payments.days.cases import (
    OF_ABSENCE,
    OF_CLOSED_DAYS,
    CaseDecided,
    CaseDecision,
    CaseUnknown,
    case_id_of,
    order_of,
    reason_of,
    reason_to_demand,
)
from services.payments.days.domain import Asked, DayBooks, closed, elsewhere
from services.payments.days.reasons import Why
from services.payments.days.store import Hit
from services.payments.domain import Plan
from services.payments.entitlements import store as plan_rows
from services.payments.ledger import store as ledger_rows
from services.payments.orders import store as order_rows
from services.payments.recoveries import demands
from services.payments.recoveries.demands import DemandLine
from services.payments.store import lock_beneficiaries
from shared.auth import Person, Role
from shared.bulk import LineAnswer, accepted, refused
from shared.calendar import TIMEZONE, CalendarDay, days_between, month_of
from shared.contracts.base import Code, Received
from shared.contracts.plans import PracticeEnded, PracticeOrdered
from shared.contracts.school_days import Presence, PupilDaysMarked
from shared.errors import Refused

OFFICER = (Role.PAYMENT_OFFICER,)


class CaseDecisionLine(BaseModel):
    """What a person decides of a case: the money is asked back until a day, or it stays, and why.

    The comment is a sentence in Latvian: it stands in the letter that asks the money back.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    case_id: Code
    decision: CaseDecision
    comment: str = Field(min_length=3, max_length=500)
    pay_until: CalendarDay | None = None

    @model_validator(mode="after")
    def _until_when(self) -> Self:
        """Ask for the day until which to pay where money is asked back, and only there."""
        if (self.decision is CaseDecision.RECOVER) != (self.pay_until is not None):
            raise ValueError("give pay_until where the money is to be recovered, and only there")
        return self


async def note_absences(session: AsyncSession, marked: Sequence[Received[PupilDaysMarked]]) -> None:
    """Keep days on which pupils were away; a day that was paid for opens a case, nothing more."""
    told: dict[tuple[str, date], tuple[int, str]] = {}
    times: dict[tuple[str, date], datetime] = {}
    for received in marked:
        for one in received.fact.days:
            key = received.fact.pupil_ref, one.day
            told[key] = received.fact.version, one.presence.value
            times[key] = received.at
    await lock_beneficiaries(session, (pupil for pupil, _ in told))
    await day_rows.keep_absences(session, told)
    away = {key: times[key] for key, (_, how) in told.items() if how != Presence.PRESENT}
    if len(away) < len(told):
        await case_rows.withdraw(session, told.keys() - away.keys(), OF_ABSENCE)
    await _look_again(session, away, OF_ABSENCE)


async def _look_again(
    session: AsyncSession, times: Mapping[tuple[str, date], datetime], about: Sequence[str]
) -> None:
    """Let orders that hold bad days by assumption have others; put the rest before a person."""
    found = await day_rows.hits(session, times) if times else []
    if not found:
        return
    held = await plan_rows.held_plans(session, (hit.plan_id for hit in found))
    plans = {plan_id: entry.plan for plan_id, entry in held.items()}
    today = max(times.values()).astimezone(TIMEZONE).date()
    books = DayBooks(await ledger_rows.load_rulebook(session), today)
    months = ((hit.pupil_ref, month_of(hit.day)) for hit in found)
    await day_rows.load(session, books, months, plans)
    cases = [
        _case(hit, about, at=times[hit.pupil_ref, hit.day])
        for hit in found
        if _is_bad(hit, plans[hit.plan_id], books, about)
        and not _goes_elsewhere(hit, plans[hit.plan_id], books)
    ]
    await day_rows.save(session, books)
    await case_rows.add_cases(session, cases)


def _is_bad(hit: Hit, plan: Plan, books: DayBooks, about: Sequence[str]) -> bool:
    """Whether the day is not one to be paid, for this kind of reason."""
    asked = Asked(plan, hit.measure_id, hit.support_type, books.rules_for(plan, hit.day))
    why = closed(asked, plan.version_on(hit.day) or plan.versions[-1], hit.day, books)
    return why is not None and (why is Why.ABSENT) == (about is OF_ABSENCE)


def _goes_elsewhere(hit: Hit, plan: Plan, books: DayBooks) -> bool:
    """Whether nothing has to be asked: the day was assumed, and another one is free."""
    asked = Asked(plan, hit.measure_id, hit.support_type, books.rules_for(plan, hit.day))
    other = elsewhere(asked, hit.day, books, but=())
    if other is not None:
        books.move(asked.key(hit.day), other)
    return other is not None


def _case(hit: Hit, about: Sequence[str], *, at: datetime) -> CaseRow:
    """A case; of what the order pays, the day's even share is proposed."""
    return CaseRow(
        case_id=case_id_of(hit.order_id, hit.day),
        partner=hit.partner,
        order_id=hit.order_id,
        pupil_ref=hit.pupil_ref,
        support_type=hit.support_type,
        reason_code=reason_of(hit.order_state, away=about is OF_ABSENCE),
        state="open",
        day=hit.day,
        assumed=hit.assumed,
        cents=hit.cents // hit.days,
        noted_at=at,
    )


async def note_practice(
    session: AsyncSession, ordered: Sequence[Received[PracticeOrdered]]
) -> None:
    """Keep orders for practice: they open types of support on days without lessons."""
    await lock_beneficiaries(session, (received.fact.pupil_ref for received in ordered))
    await day_rows.keep_practices(session, (received.fact for received in ordered))
    times = {
        (received.fact.pupil_ref, day): received.at
        for received in ordered
        for day in days_between(received.fact.first_day, received.fact.last_day)
    }
    await case_rows.withdraw(session, times, OF_CLOSED_DAYS)
    # One that was taken back before opens nothing when it is told again.
    await _look_again(session, times, OF_CLOSED_DAYS)


async def end_practice(session: AsyncSession, ended: Sequence[Received[PracticeEnded]]) -> None:
    """An order for practice that was taken back opens nothing from that day on.

    A day it had opened and that was paid for opens a case, nothing more.
    """
    await lock_beneficiaries(session, (received.fact.pupil_ref for received in ended))
    spans = await day_rows.end_practices(session, (received.fact for received in ended))
    at = {received.fact.pupil_ref: received.at for received in ended}
    times = {
        (pupil, day): at[pupil] for pupil, first, last in spans for day in days_between(first, last)
    }
    await _look_again(session, times, OF_CLOSED_DAYS)


async def cases(
    session: AsyncSession, partner: str, *, state: str | None, after: str, limit: int
) -> list[RowMapping]:
    """A page of a partner's cases."""
    return await case_rows.cases(session, partner, state=state, after=after, limit=limit)


async def decide_cases(
    session: AsyncSession,
    partner: str,
    lines: Sequence[tuple[int, CaseDecisionLine]],
    *,
    by: Person,
    now: datetime,
) -> list[LineAnswer]:
    """Decide cases: what is to be recovered is demanded of its order, under the case's number."""
    by.must(OFFICER, partner)
    await order_rows.lock_subjects(session, (order_of(line.case_id) for _, line in lines))
    held = await case_rows.cases_locked(session, (line.case_id for _, line in lines))
    answers, decided = [], dict[str, CaseDecisionLine]()
    asked_back = list[tuple[int, DemandLine]]()
    for number, line in lines:
        try:
            case = _decidable(held.get(line.case_id), partner)
        except Refused as why:
            answers.append(refused(number, why))
            continue
        held[line.case_id] = case._replace(state=line.decision.value)
        decided[line.case_id] = line
        if line.pay_until is not None:
            asked_back.append((number, _demand(case, line, line.pay_until)))
        else:
            answers.append(accepted(number, line.case_id, decision=line.decision.value))
    demanded = await demands.demand_back(session, partner, asked_back, by=by, now=now)
    for answer, (_, demand) in zip(demanded, asked_back, strict=True):
        if answer.status == "refused" and demand.demand_id is not None:
            del decided[demand.demand_id]
    rows = [(key, line.decision.value, line.comment) for key, line in decided.items()]
    await case_rows.decide(session, rows, by=by.subject, at=now)
    return [*answers, *demanded]


def _decidable(case: CaseRow | None, partner: str) -> CaseRow:
    """The case, if it waits for a person of this office."""
    if case is None or case.partner != partner:
        raise CaseUnknown(field="case_id")
    if case.state != "open":
        raise CaseDecided(field="case_id", state=case.state)
    return case


def _demand(case: CaseRow, line: CaseDecisionLine, pay_until: date) -> DemandLine:
    """The money of a case that has to come back."""
    return DemandLine(
        demand_id=case.case_id,
        order_id=case.order_id,
        cents=case.cents,
        reason_code=reason_to_demand(case.reason_code),
        reason=line.comment,
        pay_until=pay_until,
    )
