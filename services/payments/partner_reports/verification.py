"""The state looks at a partner's report line by line: accepted, reduced with a reason, rejected."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
    NOTHING,
    Counted,
    Verdict,
    check_opposite,
    check_reason,
    counted,
    outcome_of,
    taken_back,
    tally,
)
from services.payments.partner_reports.store import Decided, Elsewhere
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
    """Decide on lines of a report; until it is verified a decision may be taken anew.

    What was paid is decided before what came back of it, in whatever order the lines are given.
    """
    await _open_report(session, report_id, by)
    rules = await ledger_rows.load_rulebook(session)
    rows = {row["line_no"]: row for row in await store.lines_of(session, report_id)}
    named = {rows[line.line_no]["order_id"] for _, line in lines if line.line_no in rows}
    elsewhere = await store.counted_elsewhere(session, named, report_id)
    deciding = _Deciding(rows, elsewhere, rules)
    answers, good = [], []
    for number, line in sorted(lines, key=lambda one: deciding.is_opposite(one[1].line_no)):
        try:
            deciding.decide(line)
            good.append((number, line.line_no))
        except Refused as why:
            answers.append(refused(number, why))
    deciding.take_back()
    for number, line_no in good:
        cents = deciding.decided[line_no].cents
        answers.append(accepted(number, str(line_no), accepted_cents=cents))
    decided = list(deciding.decided.values())
    await store.decide(session, report_id, decided, by=by.subject, at=now)
    return answers


@dataclass
class _Deciding:
    """Lines of a report while they are decided on, and what counts of their orders elsewhere."""

    rows: Mapping[int, RowMapping]
    elsewhere: Mapping[str, Elsewhere]
    rules: Rulebook
    decided: dict[int, Decided] = field(default_factory=dict)
    paid_lines: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        """Where in the report each order was paid."""
        self.paid_lines = {row["order_id"]: no for no, row in self.rows.items() if row["cents"] > 0}

    def is_opposite(self, line_no: int) -> bool:
        """Whether a line is about money that came back."""
        return line_no in self.rows and self.rows[line_no]["cents"] < 0

    def decide(self, line: VerdictLine) -> None:
        """Decide on a line; what an opposite one takes follows. Raises what a verdict refuses."""
        row = self.rows.get(line.line_no)
        if row is None:
            raise LineUnknown(field="line_no")
        check_reason(line.decision, line.reason_code)
        if self.is_opposite(line.line_no):
            check_opposite(line.decision, original_is_firm=self._paid(row["order_id"]) is not None)
            found = NOTHING
        else:
            found = counted(
                line.decision,
                cents=row["cents"],
                share_permille=self._share(row),
                asked_cents=line.accepted_cents,
            )
        self.decided[row["line_no"]] = Decided(
            row["line_no"], line.decision.value, *found, line.reason_code
        )

    def take_back(self) -> None:
        """Opposite lines decided on, now or before, take from what now counts of their orders."""
        touched = {self.rows[line_no]["order_id"] for line_no in self.decided}
        opposites: dict[str, dict[int, int]] = {}
        for line_no, row in self.rows.items():
            if row["order_id"] in touched and row["cents"] < 0 and self._counts(line_no):
                opposites.setdefault(row["order_id"], {})[line_no] = row["cents"]
        for order_id, lines in opposites.items():
            counts = self._paid(order_id)
            assert counts is not None, order_id
            share = self._share(self.rows[min(lines)])
            for line_no, taken in taken_back(lines, counts=counts, share_permille=share).items():
                self.decided[line_no] = Decided(line_no, Verdict.ACCEPTED.value, *taken, None)

    def _paid(self, order_id: str) -> Counted | None:
        """What counts of an order but for this report's opposite lines; None: not firm yet."""
        elsewhere = self.elsewhere.get(order_id)
        if elsewhere is not None and elsewhere.paid_is_verified:
            return elsewhere.counts
        line_no = self.paid_lines.get(order_id)
        return None if line_no is None else self._counts(line_no)

    def _counts(self, line_no: int) -> Counted | None:
        """What counts of a line by what was decided now or before."""
        new, row = self.decided.get(line_no), self.rows[line_no]
        if new is not None:
            return Counted(new.cents, new.esf_cents, new.state_cents)
        if row["decision"] is None:
            return None
        parts = ("accepted_cents", "accepted_esf_cents", "accepted_state_cents")
        return Counted(*(row[part] for part in parts))

    def _share(self, row: RowMapping) -> int:
        """The part of the fund in a line's money."""
        return int(self.rules.value(ESF_SHARE, row["service_date"]))


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
    facts: list[Fact] = await _orders_verified(session, report_id, lines, now)
    await store.verify(session, report_id, by=by.subject, at=now)
    fact = _report_verified(report, lines)
    await publish(session, [*facts, fact], at=now)
    return fact


async def _orders_verified(
    session: AsyncSession, report_id: str, lines: Sequence[RowMapping], now: datetime
) -> list[Fact]:
    """What counts of each order of the report by now, told under the order's next version."""
    ids = {row["order_id"] for row in lines}
    await order_rows.lock_subjects(session, ids)
    orders = await order_rows.orders_locked(session, ids)
    sums = await store.verified_with(session, ids, report_id)
    await store.bump_orders(session, ids)
    facts: list[Fact] = []
    for order_id in sorted(ids):
        order, (accepted_cents, accepted_esf_cents, paid) = orders[order_id], sums[order_id]
        facts.append(
            told(
                PaymentVerified,
                order,
                version=order.version + 1,
                outcome=outcome_of(paid, accepted_cents).value,
                accepted_cents=accepted_cents,
                accepted_esf_cents=accepted_esf_cents,
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
    """The report, held with its partner, if the state may still decide on it.

    What counts of an order may stand in several reports of its partner: one is decided at a time.
    """
    by.must(VERIFIER, STATE)
    found = await store.report(session, report_id)
    if found is None:
        raise ReportUnknown()
    await lock_beneficiaries(session, [found["partner"]])
    report = await store.report(session, report_id, lock=True)
    assert report is not None, report_id
    if report["state"] == "verified":
        raise ReportVerified()
    return report
