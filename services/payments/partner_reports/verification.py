"""The state looks at a partner's report line by line: accepted, reduced with a reason, rejected."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.ledger import store as ledger_rows
from services.payments.orders import store as order_rows
from services.payments.orders.store import told
from services.payments.partner_reports import store
from services.payments.partner_reports.actions import ReportUnknown
from services.payments.partner_reports.domain import (
    Verdict,
    check_reason,
    counted,
    outcome_of,
    tally,
)
from services.payments.partner_reports.store import Decided
from services.payments.rulebook import ESF_SHARE, Rulebook
from services.payments.store import lock_beneficiaries
from shared.auth import STATE, Person, Role
from shared.bulk import LineAnswer, accepted, refused
from shared.bus.outbox import publish
from shared.calendar import TIMEZONE
from shared.contracts.base import Code, Fact
from shared.contracts.payments import PartnerReportVerified, PaymentVerified
from shared.errors import FourEyes, NotFound, Refused

VERIFIER = (Role.STATE_OFFICER,)


class LineUnknown(NotFound):
    """This report has no line with this number."""

    code = "report-line-unknown"


class ReportVerified(Refused):
    """The report was verified; what has to change stands in a later one as an opposite line."""

    code = "partner-report-verified"


class LinesUndecided(Refused):
    """Decide on every line first."""

    code = "lines-undecided"


class VerdictLine(BaseModel):
    """The state's decision on a line; `accepted_cents` is what a reduced line counts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    line_no: int = Field(ge=1)
    decision: Verdict
    accepted_cents: int | None = Field(default=None, strict=True, ge=0)
    reason_code: Code | None = None


async def decide_lines(
    session: AsyncSession,
    report_id: str,
    lines: Sequence[tuple[int, VerdictLine]],
    *,
    by: Person,
    now: datetime,
) -> list[LineAnswer]:
    """Decide on lines of a report; until it is verified a decision may be taken anew."""
    await _open_report(session, report_id, by)
    kept = {row["line_no"]: row for row in await store.lines_of(session, report_id)}
    rules = await ledger_rows.load_rulebook(session)
    named = {kept[line.line_no]["order_id"] for _, line in lines if line.line_no in kept}
    before = await store.accepted_of(session, named)
    answers, decided = [], dict[int, Decided]()
    for number, line in lines:
        try:
            row = kept.get(line.line_no)
            if row is None:
                raise LineUnknown(field="line_no")
            earlier = decided.get(line.line_no)
            counts = earlier.cents if earlier is not None else row["accepted_cents"] or 0
            decision = _decided(row, line, rules, before, counts)
        except Refused as why:
            answers.append(refused(number, why))
            continue
        decided[line.line_no] = decision
        so_far, paid = before[row["order_id"]]
        # Later lines of this command see what this one made of the order.
        before[row["order_id"]] = (so_far or 0) - counts + decision.cents, paid
        answers.append(accepted(number, str(line.line_no), accepted_cents=decision.cents))
    await store.decide(session, report_id, list(decided.values()), by=by.subject, at=now)
    return answers


def _decided(
    row: RowMapping,
    line: VerdictLine,
    rules: Rulebook,
    before: Mapping[str, tuple[int | None, int]],
    counts: int,
) -> Decided:
    """A line with what of it counts; `counts` is what of it counted until now."""
    check_reason(line.decision, line.reason_code)
    so_far, _ = before[row["order_id"]]
    if so_far is not None:
        # What the line itself counted until now is decided anew.
        so_far -= counts
    found = counted(
        line.decision,
        cents=row["cents"],
        share_permille=rules.value(ESF_SHARE, row["service_date"]),
        asked_cents=line.accepted_cents,
        accepted_before=so_far,
    )
    return Decided(row["line_no"], line.decision.value, *found, line.reason_code)


async def verify_report(
    session: AsyncSession, report_id: str, *, by: Person, now: datetime
) -> PartnerReportVerified:
    """Close the state's look at a report and tell what of it counts, order by order."""
    report = await _open_report(session, report_id, by)
    if report["submitted_by"] == by.subject:
        raise FourEyes()
    lines = await store.lines_of(session, report_id)
    undecided = [row["line_no"] for row in lines if row["decision"] is None]
    if undecided:
        raise LinesUndecided(lines=len(undecided), first_line_no=undecided[0])
    await lock_beneficiaries(session, [report["partner"]])
    facts: list[Fact] = await _orders_verified(session, lines, now)
    await store.verify(session, report_id, by=by.subject, at=now)
    fact = _report_verified(report, lines)
    await publish(session, [*facts, fact], at=now)
    return fact


async def _orders_verified(
    session: AsyncSession, lines: Sequence[RowMapping], now: datetime
) -> list[Fact]:
    """What counts of each order of the report by now, told under the order's next version."""
    ids = {row["order_id"] for row in lines}
    await order_rows.lock_subjects(session, ids)
    orders = await order_rows.orders_locked(session, ids)
    sums = await store.accepted_of(session, ids)
    await store.bump_orders(session, ids)
    facts: list[Fact] = []
    for order_id in sorted(ids):
        order, (accepted_cents, paid) = orders[order_id], sums[order_id]
        facts.append(
            told(
                PaymentVerified,
                order,
                version=order.version + 1,
                outcome=outcome_of(paid, accepted_cents or 0).value,
                accepted_cents=accepted_cents or 0,
                verified_on=now.astimezone(TIMEZONE).date(),
            )
        )
    return facts


def _report_verified(report: RowMapping, lines: Sequence[RowMapping]) -> PartnerReportVerified:
    """The fact that the state is through with a report."""
    by_verdict = tally(row["decision"] for row in lines)
    return PartnerReportVerified(
        about_key=report["partner"],
        partner=report["partner"],
        municipality_id=report["municipality_id"],
        report_id=report["report_id"],
        version=report["version"] + 1,
        period=report["period"],
        opening_cents=report["opening_cents"],
        received_cents=report["received_cents"],
        spent_cents=report["spent_cents"],
        closing_cents=report["closing_cents"],
        accepted_cents=sum(row["accepted_cents"] for row in lines),
        lines_accepted=by_verdict[Verdict.ACCEPTED],
        lines_reduced=by_verdict[Verdict.REDUCED],
        lines_rejected=by_verdict[Verdict.REJECTED],
    )


async def _open_report(session: AsyncSession, report_id: str, by: Person) -> RowMapping:
    """The report, held, if the state may still decide on it."""
    by.must(VERIFIER, STATE)
    report = await store.report(session, report_id, lock=True)
    if report is None:
        raise ReportUnknown()
    if report["state"] == "verified":
        raise ReportVerified()
    return report
