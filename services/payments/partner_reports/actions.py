"""A partner's report writes itself from what was received, paid, returned and recovered.

Every line is in exactly one report: what was booked late stands in the next one, so that all
reports together are the books.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.domain import BookedInFuture, PartnerUnknown
from services.payments.ledger import store as ledger_rows
from services.payments.orders.store import new_ids
from services.payments.partner_reports import store
from services.payments.partner_reports.domain import Balance, Period, PeriodKind, period_of
from services.payments.partner_reports.store import LineRow
from services.payments.rulebook import ESF_SHARE, PARTNER_REPORT_PERIOD, Rulebook
from services.payments.store import lock_beneficiaries
from shared.auth import STATE, Person, Role
from shared.bulk import LineAnswer, accepted, refused
from shared.bus.outbox import publish
from shared.calendar import TIMEZONE, CalendarDay
from shared.contracts.base import Code
from shared.contracts.payments import PartnerReportSubmitted, SpentOnType
from shared.errors import NotFound, Refused
from shared.money import split_esf
from shared.registers import municipalities, schools

OFFICE = (Role.PAYMENT_OFFICER,)
STATE_SIDE = (Role.STATE_OFFICER, Role.AUDITOR)
CENTS_MAX = 10**12


class FundingRepeated(Refused):
    """A receipt with this funding_id is entered already."""

    code = "funding-repeated"


class ReportUnknown(NotFound):
    """There is no such partner report."""

    code = "partner-report-unknown"


class PeriodNotOver(Refused):
    """A period is reported when it is over."""

    code = "period-not-over"


class PeriodReported(Refused):
    """A report up to this day or a later one was submitted; what came late stands in the next."""

    code = "period-reported"


class PeriodKindDiffers(Refused):
    """This partner reports by another kind of period (parameter partner_report_period)."""

    code = "period-kind-differs"


class FundingKind(StrEnum):
    """Why money moved between the state and a partner."""

    ADVANCE = "advance"
    REIMBURSEMENT = "reimbursement"
    REPAYMENT = "repayment"


class FundingLine(BaseModel):
    """Money of the state that a partner received, or (repayment) gave back; cents above zero."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    funding_id: Code
    kind: FundingKind
    cents: int = Field(strict=True, ge=1, le=CENTS_MAX)
    booked_on: CalendarDay


@dataclass(frozen=True)
class Draft:
    """A report as it would be, or is: its period, balance, lines, and sums by support type."""

    partner: str
    period: Period
    balance: Balance
    lines: Sequence[LineRow]
    evidence: int
    spent: tuple[SpentOnType, ...]


async def enter_fundings(
    session: AsyncSession,
    partner: str,
    lines: Sequence[tuple[int, FundingLine]],
    *,
    by: Person,
    now: datetime,
) -> list[LineAnswer]:
    """Enter what the state paid a partner and got back, each receipt once."""
    by.must({Role.STATE_OFFICER}, STATE)
    await _municipality_of(session, partner)
    await lock_beneficiaries(session, [partner])
    today = now.astimezone(TIMEZONE).date()
    good: dict[str, tuple[int, FundingLine]] = {}
    answers = []
    for number, line in lines:
        if line.booked_on > today:
            answers.append(refused(number, BookedInFuture(field="booked_on")))
        elif line.funding_id in good:
            answers.append(refused(number, FundingRepeated(field="funding_id")))
        else:
            good[line.funding_id] = number, line
    rows = [
        (partner, line.funding_id, line.kind.value, _signed(line), line.booked_on, by.subject,
         now, None)
        for _, line in good.values()
    ]  # fmt: skip
    new = await store.insert_fundings(session, rows)
    for funding_id, (number, _) in good.items():
        repeated = FundingRepeated(field="funding_id")
        answers.append(
            accepted(number, funding_id) if funding_id in new else refused(number, repeated)
        )
    return answers


def _signed(line: FundingLine) -> int:
    """Cents as the partner sees them."""
    return -line.cents if line.kind is FundingKind.REPAYMENT else line.cents


async def drafted(session: AsyncSession, partner: str, period_name: str, *, by: Person) -> Draft:
    """The report of a period as it would be submitted now; raises PeriodReported."""
    by.must((*OFFICE, *STATE_SIDE), partner, STATE)
    return await _draft(session, partner, period_of(period_name), report_id="")


async def submit(
    session: AsyncSession, partner: str, period_name: str, *, by: Person, now: datetime
) -> tuple[str, Draft]:
    """Freeze the report of a period that is over, and tell it; gives its id."""
    by.must(OFFICE, partner)
    period = period_of(period_name)
    if period.last_day >= now.astimezone(TIMEZONE).date():
        raise PeriodNotOver(field="period", last_day=period.last_day.isoformat())
    municipality_id = await _municipality_of(session, partner)
    await lock_beneficiaries(session, [partner])
    report_id = new_ids(1, now)[0]
    draft = await _draft(session, partner, period, report_id=report_id)
    values = {
        "report_id": report_id, "version": 1, "partner": partner,
        "municipality_id": municipality_id, "period": period.name, "state": "submitted",
        "first_day": period.first_day, "last_day": period.last_day,
        **sums_of(draft.balance), "lines": len(draft.lines), "evidence": draft.evidence,
        "submitted_by": by.subject, "submitted_at": now,
    }  # fmt: skip
    await store.insert_report(session, values)
    await store.copy_lines(session, draft.lines)
    await store.take_fundings(session, partner, period.last_day, report_id)
    fact = PartnerReportSubmitted(
        about_key=partner,
        partner=partner,
        municipality_id=municipality_id,
        report_id=report_id,
        version=1,
        period=period.name,
        **sums_of(draft.balance),
        evidence_count=draft.evidence,
        spent=draft.spent,
    )
    await publish(session, [fact], at=now)
    return report_id, draft


async def report(session: AsyncSession, report_id: str, *, by: Person) -> RowMapping:
    """One report; raises ReportUnknown, OutsideScope."""
    found = await store.report(session, report_id)
    if found is None:
        raise ReportUnknown()
    by.must((*OFFICE, *STATE_SIDE), found["partner"], STATE)
    return found


async def lines_of(
    session: AsyncSession, report_id: str, *, by: Person, after: int, limit: int
) -> list[RowMapping]:
    """A page of a report's lines."""
    await report(session, report_id, by=by)
    return await store.lines_of(session, report_id, after=after, limit=limit)


async def reports_of(
    session: AsyncSession, *, partner: str | None, state: str | None, limit: int, by: Person
) -> list[RowMapping]:
    """The newest reports of a partner, or of all for the state."""
    by.must((*OFFICE, *STATE_SIDE), *([partner] if partner else []), STATE)
    return await store.reports_of(session, partner=partner, state=state, limit=limit)


def sums_of(balance: Balance) -> dict[str, Any]:
    """A balance under the names it has in rows and facts."""
    return {
        "opening_cents": balance.opening_cents,
        "received_cents": balance.received_cents,
        "spent_cents": balance.spent_cents,
        "closing_cents": balance.closing_cents,
    }


async def _municipality_of(session: AsyncSession, partner: str) -> str:
    """Where a partner stands: itself, or the municipality of its school."""
    if await municipalities(session, (partner,)):
        return partner
    for school in (await schools(session)).values():
        if school.partner == partner:
            return school.municipality_id
    raise PartnerUnknown(field="partner")


async def _draft(session: AsyncSession, partner: str, period: Period, *, report_id: str) -> Draft:
    """Everything booked up to the period's end that no report holds."""
    rules = await ledger_rows.load_rulebook(session)
    kind = rules.value(PARTNER_REPORT_PERIOD, period.first_day, partner)
    if period.kind is not PeriodKind(kind):
        raise PeriodKindDiffers(field="period", kind=kind)
    last = await store.last_report(session, partner)
    if last is not None and period.last_day <= last["last_day"]:
        raise PeriodReported(field="period", last_period=last["period"])
    found = [tuple(row) for row in await store.paid_lines(session, partner, period.last_day)]
    paid = {row[0] for row in found}
    back = await store.recovered_lines(session, partner, period.last_day)
    # Money never comes back in a report before the one that tells it was paid.
    told = [row for row in back if row.paid_is_reported or row.order_id in paid]
    found += _recovered(told, rules)
    found.sort(key=lambda row: (row[8], row[0], row[1], row[2]))
    lines = [LineRow(report_id, no, *row) for no, row in enumerate(found, start=1)]
    balance = Balance(
        opening_cents=last["closing_cents"] if last is not None else 0,
        received_cents=await store.received(session, partner, period.last_day),
        spent_cents=sum(line.cents for line in lines),
    )
    evidence = {line.digest for line in lines if line.digest is not None and line.cents > 0}
    return Draft(partner, period, balance, lines, len(evidence), _by_type(lines))


def _recovered(rows: Iterable[store.RecoveredRow], rules: Rulebook) -> list[tuple[Any, ...]]:
    """Opposite lines, split so that all parts of an order add up to its own split."""
    lines = []
    for row in rows:
        share = rules.value(ESF_SHARE, row.service_date)
        esf_after, state_after = split_esf(row.up_to_now, share_permille=share)
        esf_before, state_before = split_esf(row.up_to_now - row.cents, share_permille=share)
        esf, state = esf_after - esf_before, state_after - state_before
        lines.append((*row[:9], -row.cents, -esf, -state, row.evidence_kind, row.digest))
    return lines


def _by_type(lines: Iterable[LineRow]) -> tuple[SpentOnType, ...]:
    """Sums by support type; opposite lines take away."""
    sums: dict[str, list[int]] = {}
    for line in lines:
        found = sums.setdefault(line.support_type, [0, 0, 0, 0])
        for place, value in enumerate((1, line.cents, line.esf_cents, line.state_cents)):
            found[place] += value
    return tuple(
        SpentOnType(support_type=kind, lines=n, cents=cents, esf_cents=esf, state_cents=state)
        for kind, (n, cents, esf, state) in sorted(sums.items())
    )
