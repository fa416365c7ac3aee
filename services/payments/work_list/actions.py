"""A person settles what fitted no order: chooses one, or says that it is not ours.

A chosen order needs a second person, and then goes through the action that takes all reports; so
what the rules refuse there stays refused, whoever chose it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.domain import OrderState
from services.payments.orders import store as order_rows
from services.payments.orders.actions import OrderUnknown
from services.payments.orders.store import OrderRow
from services.payments.payees import store as payee_rows
from services.payments.reports.actions import apply_reports
from services.payments.reports.domain import (
    WORK_LIST,
    WORK_LIST_REASONS,
    Report,
    ReportId,
    decide,
)
from services.payments.statements.domain import UNFIT
from services.payments.work_list import store as work_rows
from services.payments.work_list.domain import (
    Candidate,
    Item,
    Proposal,
    propose,
    states_that_follow,
)
from shared.auth import Person, Role
from shared.bulk import LineAnswer, accepted, refused
from shared.contracts.base import Code
from shared.errors import FourEyes, Invalid, NotFound, Refused
from shared.privacy import Pseudonyms

OFFICE = (Role.PAYMENT_OFFICER,)
ORDER, NOT_OURS = "order", "not_ours"
SENTENCES: dict[str, tuple[str, str]] = {**WORK_LIST_REASONS, **UNFIT}
"""Why something waits, in Latvian and English."""

Lines = Sequence[tuple[int, "ResolutionLine"]]


class NotWaiting(NotFound):
    """Nothing of this office waits under this report_id."""

    code = "work-item-unknown"


class OrderDoesNotFit(Refused):
    """The order cannot follow this report; choose another, or say that it is not ours."""

    code = "order-does-not-fit"

    def __init__(self, why: str) -> None:
        """Say it by the reason that the report itself would get."""
        latvian, english = SENTENCES[why]
        super().__init__(english, field="order_id", message_lv=latvian, why=why)


class OutcomeMissing(Invalid):
    """The bank's line does not say it: give the outcome, settled or returned."""

    code = "outcome-missing"


class NothingToApprove(Refused):
    """No order has been chosen for this report yet; choose one first."""

    code = "nothing-to-approve"


class ResolutionLine(BaseModel):
    """What a person decides about an item: which order it is about, or that it is not ours.

    `outcome` is needed where the bank's line does not tell it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    report_id: ReportId
    decision: Literal["order", "not_ours"]
    order_id: Code | None = None
    outcome: Literal["settled", "returned"] | None = None
    reason: str = Field(min_length=3, max_length=500)


class ResolutionApproval(BaseModel):
    """A decision of somebody else to approve."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    report_id: ReportId


async def waiting(
    session: AsyncSession, partner: str, *, after: str, limit: int
) -> list[RowMapping]:
    """What waits for a person of an office, by report id."""
    return await work_rows.waiting(session, partner, after=after, limit=limit)


async def proposals(
    session: AsyncSession, partner: str, report_id: str, *, by: Person, now: datetime
) -> tuple[RowMapping, list[Proposal]]:
    """An item and the orders it might be about; payees' accounts are compared, and that is logged.

    Raises NotWaiting.
    """
    by.must(OFFICE, partner)
    row = await work_rows.item(session, partner, report_id)
    if row is None:
        raise NotWaiting()
    item = Item(
        report_id,
        row["outcome"],
        row["cents"],
        row["booked_on"],
        row["account_ref"] or "",
        row["mentioned"] or "",
        row["about_file"] or "",
    )
    found = await work_rows.candidates(
        session,
        partner,
        states=states_that_follow(OrderState(item.outcome)),
        cents=item.cents,
        mentioned=item.mentioned,
        day=item.booked_on,
    )
    refs = await _account_refs(session, partner, item, found, by=by, now=now)
    orders = [
        Candidate(order_id, cents, state, file_id, pay_on, refs.get(payee_id, ""))
        for order_id, cents, state, file_id, pay_on, payee_id in found
    ]
    return row, propose(item, orders)


async def _account_refs(
    session: AsyncSession,
    partner: str,
    item: Item,
    found: Sequence[Any],
    *,
    by: Person,
    now: datetime,
) -> dict[str, str]:
    """References of the accounts of candidates' payees, where the item has one to compare."""
    if not item.account_ref:
        return {}
    payees = ((partner, payee_id) for *_, payee_id in found)
    why = f"work list {item.report_id}"
    opened = await payee_rows.read_payees(
        session, payees, day=item.booked_on, reader=by, reason=why, now=now
    )
    digests = Pseudonyms.of(session.info["settings"])
    return {key[1]: digests.account_ref(p.details.account) for key, p in opened.items()}


async def resolve(
    session: AsyncSession, partner: str, lines: Lines, *, by: Person, now: datetime
) -> list[LineAnswer]:
    """Write decisions; not ours closes an item at once, a chosen order waits for approval."""
    by.must(OFFICE, partner)
    chosen = [line.order_id for _, line in lines if line.order_id is not None]
    await order_rows.lock_subjects(session, chosen)
    orders = await order_rows.orders_locked(session, chosen)
    items = await work_rows.items_locked(session, partner, (line.report_id for _, line in lines))
    kept: dict[str, dict[str, object]] = {}
    answers = []
    for number, line in lines:
        try:
            outcome = _checked(line, items.get(line.report_id), orders, now)
        except Refused as why:
            answers.append(refused(number, why))
            continue
        kept[line.report_id] = {
            **line.model_dump(),
            "partner": partner,
            "outcome": outcome,
            "proposed_by": by.subject,
            "proposed_at": now,
        }
        answers.append(accepted(number, line.report_id, decision=line.decision))
    await work_rows.keep_decisions(session, kept.values())
    foreign = [key for key, row in kept.items() if row["decision"] == NOT_OURS]
    await work_rows.close(session, partner, foreign, result=NOT_OURS)
    return answers


def _checked(
    line: ResolutionLine, item: RowMapping | None, orders: dict[str, OrderRow], now: datetime
) -> str | None:
    """The outcome of a decision that holds; a chosen order must be able to follow already now."""
    if item is None:
        raise NotWaiting(field="report_id")
    if line.decision == NOT_OURS:
        if line.order_id is not None:
            raise Invalid("give no order_id with not_ours", field="order_id")
        return None
    order = orders.get(line.order_id or "")
    if order is None:
        raise OrderUnknown(field="order_id")
    outcome = item["outcome"] if item["outcome"] != OrderState.UNKNOWN else line.outcome
    if outcome is None:
        raise OutcomeMissing(field="outcome")
    if item["code"] == "currency-differs":
        raise OrderDoesNotFit("currency-differs")
    decided = decide(_report(item, order, outcome, now), order)
    if decided.result == WORK_LIST:
        raise OrderDoesNotFit(decided.code or "order-unknown")
    return str(outcome)


def _report(item: RowMapping, order: OrderRow, outcome: str, now: datetime) -> Report:
    """The item as a report about the chosen order; a bank that told no sum means the order's."""
    return Report(
        partner=item["partner"],
        report_id=f"{item['report_id']}/chosen",
        order_id=order.order_id,
        outcome=OrderState(outcome),
        cents=item["cents"] or order.cents,
        booked_on=item["booked_on"],
        reason_code=item["reason_code"],
        at=now,
        by_bank=item["statement_id"] is not None,
    )


async def approve(
    session: AsyncSession,
    partner: str,
    lines: Sequence[tuple[int, ResolutionApproval]],
    *,
    by: Person,
    now: datetime,
) -> list[LineAnswer]:
    """Approve orders that somebody else chose; each goes through the action of all reports."""
    by.must(OFFICE, partner)
    ids = {line.report_id for _, line in lines}
    chosen = await work_rows.chosen_orders(session, partner, ids)
    await order_rows.lock_subjects(session, chosen)
    orders = await order_rows.orders_locked(session, chosen)
    items = await work_rows.items_locked(session, partner, ids)
    answers: list[LineAnswer] = []
    told: dict[str, Report] = {}
    for number, line in lines:
        try:
            report = _approved(items.pop(line.report_id, None), orders, by=by, now=now)
        except Refused as why:
            answers.append(refused(number, why))
            continue
        # Of two items for one order the second meets an order that was moved just now.
        orders.pop(report.order_id)
        told[line.report_id] = report
        answers.append(accepted(number, line.report_id, order_id=report.order_id))
    outcomes = await apply_reports(session, list(told.values()))
    assert all(outcome.result != WORK_LIST for outcome in outcomes), outcomes
    await work_rows.approve(session, partner, told, by=by.subject, at=now)
    await work_rows.close(session, partner, told, result="resolved")
    return answers


def _approved(
    item: RowMapping | None, orders: dict[str, OrderRow], *, by: Person, now: datetime
) -> Report:
    """The report that follows from a decision, if this person may approve it now."""
    if item is None:
        raise NotWaiting(field="report_id")
    if item["chosen_order_id"] is None:
        raise NothingToApprove(field="report_id")
    if item["proposed_by"] == by.subject:
        raise FourEyes(field="report_id")
    order = orders.get(item["chosen_order_id"])
    if order is None:
        raise OrderDoesNotFit("contradicts-earlier-report")
    report = _report(item, order, item["chosen_outcome"], now)
    decided = decide(report, order)
    if decided.result == WORK_LIST:
        raise OrderDoesNotFit(decided.code or "order-unknown")
    return report
