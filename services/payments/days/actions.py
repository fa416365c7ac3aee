"""What facts about days do: kept, and where money was given for such a day, put before a person."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.days import store as day_rows
from services.payments.days.cases import (
    AFTER_PAYMENT,
    CaseDecided,
    CaseDecision,
    CaseUnknown,
    case_id_of,
    order_of,
    reason_of,
)
from services.payments.days.domain import Asked, DayBooks, elsewhere
from services.payments.days.reasons import Why
from services.payments.days.store import CaseRow, Hit
from services.payments.domain import Plan
from services.payments.entitlements import store as plan_rows
from services.payments.ledger import store as ledger_rows
from services.payments.orders import store as order_rows
from services.payments.recoveries import demands
from services.payments.recoveries.demands import DemandLine
from services.payments.store import lock_beneficiaries
from shared.auth import Person, Role
from shared.bulk import LineAnswer, accepted, refused
from shared.calendar import TIMEZONE, CalendarDay, month_of
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
        await day_rows.withdraw(session, told.keys() - away.keys())
    found = await day_rows.hits(session, away) if away else []
    if found:
        await _open_cases(session, found, away)


async def _open_cases(
    session: AsyncSession, found: Sequence[Hit], times: Mapping[tuple[str, date], datetime]
) -> None:
    """Let assumed days go elsewhere where they can; put the others before a person."""
    held = await plan_rows.held_plans(session, (hit.plan_id for hit in found))
    plans = {plan_id: entry.plan for plan_id, entry in held.items()}
    today = max(times.values()).astimezone(TIMEZONE).date()
    books = DayBooks(await ledger_rows.load_rulebook(session), today)
    months = ((hit.pupil_ref, month_of(hit.day)) for hit in found)
    await day_rows.load(session, books, months, plans)
    cases = [
        _case(hit, at=times[hit.pupil_ref, hit.day])
        for hit in found
        if not _goes_elsewhere(hit, plans[hit.plan_id], books)
    ]
    await day_rows.save(session, books)
    await day_rows.add_cases(session, cases)


def _goes_elsewhere(hit: Hit, plan: Plan, books: DayBooks) -> bool:
    """Whether nothing has to be asked: the type is not bound to absence, or the day was assumed."""
    rules = books.rules_for(plan, hit.day)
    bound = rules.bound.get(hit.support_type, frozenset())
    if Why.ABSENT not in bound or hit.day not in books.absent.get(hit.pupil_ref, ()):
        return True
    asked = Asked(plan, hit.measure_id, hit.support_type, rules)
    other = elsewhere(asked, hit.day, books, but=())
    if other is not None:
        books.move(asked.key(hit.day), other)
    return other is not None


def _case(hit: Hit, *, at: datetime) -> CaseRow:
    """A case; of what the order pays, the day's even share is proposed."""
    return CaseRow(
        case_id=case_id_of(hit.order_id, hit.day),
        partner=hit.partner,
        order_id=hit.order_id,
        pupil_ref=hit.pupil_ref,
        support_type=hit.support_type,
        reason_code=reason_of(hit.order_state),
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


async def end_practice(session: AsyncSession, ended: Sequence[Received[PracticeEnded]]) -> None:
    """An order for practice that was taken back opens nothing from that day on."""
    await lock_beneficiaries(session, (received.fact.pupil_ref for received in ended))
    await day_rows.end_practices(session, (received.fact for received in ended))


async def cases(
    session: AsyncSession, partner: str, *, state: str | None, after: str, limit: int
) -> list[RowMapping]:
    """A page of a partner's cases."""
    return await day_rows.cases(session, partner, state=state, after=after, limit=limit)


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
    held = await day_rows.cases_locked(session, (line.case_id for _, line in lines))
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
    await day_rows.decide(session, rows, by=by.subject, at=now)
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
        reason_code=AFTER_PAYMENT,
        reason=line.comment,
        pay_until=pay_until,
    )
