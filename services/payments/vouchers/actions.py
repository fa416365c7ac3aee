"""Vouchers after they were issued: handed out, handed in for a meal, cancelled, expired."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime

from pydantic import BaseModel, ConfigDict
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.claims import store as claim_rows
from services.payments.days import store as day_rows
from services.payments.days.claiming import DaysPaid, take
from services.payments.days.domain import Asked, DayBooks, why_not
from services.payments.days.reasons import details_of
from services.payments.domain import Plan
from services.payments.entitlements import store as plan_rows
from services.payments.ledger import store as ledger_rows
from services.payments.refusals import LineRefused
from services.payments.shares.saving import save
from services.payments.vouchers import store as voucher_rows
from services.payments.vouchers.domain import (
    Voucher,
    VoucherAction,
    VoucherState,
    moved,
    plain_number,
)
from services.payments.vouchers.issuing import MEALS, OFFICER
from services.payments.vouchers.refusals import (
    CatererUnknown,
    VoucherCancelled,
    VoucherExpired,
    VoucherNotActive,
    VoucherOfOtherMonth,
    VoucherRedeemed,
    VoucherUnknown,
)
from shared.auth import Person, Role
from shared.bulk import LineAnswer, accepted, refused
from shared.calendar import TIMEZONE, CalendarDay, month_of
from shared.contracts.base import Code
from shared.contracts.payments import PayeeKind
from shared.errors import Refused

SCHOOL = (Role.PREPARER, Role.SCHOOL_COORDINATOR)
BY_TIME = "service:payments.vouchers"
EXPIRED_AT_ONCE_MAX = 10_000
CATERERS = frozenset({PayeeKind.PROVIDER.value, PayeeKind.ORGANISATION.value})
WHY_NOT_TAKEN = {
    VoucherState.ISSUED: VoucherNotActive,
    VoucherState.REDEEMED: VoucherRedeemed,
    VoucherState.EXPIRED: VoucherExpired,
    VoucherState.CANCELLED: VoucherCancelled,
}


class NumberLine(BaseModel):
    """A voucher by the number printed on it."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    voucher_no: str


class RedemptionLine(NumberLine):
    """A voucher a caterer took for the meal of a day."""

    served_on: CalendarDay
    payee_id: Code


async def activate_vouchers(
    session: AsyncSession, lines: Sequence[tuple[int, NumberLine]], *, by: Person, now: datetime
) -> list[LineAnswer]:
    """Note that the school handed vouchers to their pupils; from now on caterers may take them."""

    def check(voucher: Voucher) -> None:
        by.must(SCHOOL, voucher.school_id)
        _check_in_time(voucher, now)

    answers, done = await _moved(session, lines, VoucherAction.ACTIVATE, check)
    await voucher_rows.activate(session, [v.voucher_no for v in done], by=by.subject, at=now)
    return answers


async def cancel_vouchers(
    session: AsyncSession,
    partner: str,
    lines: Sequence[tuple[int, NumberLine]],
    *,
    by: Person,
    now: datetime,
) -> list[LineAnswer]:
    """Cancel vouchers that were not handed in; what was reserved for them is free again."""
    by.must(OFFICER, partner)

    def check(voucher: Voucher) -> None:
        if voucher.partner != partner:
            raise VoucherUnknown(field="voucher_no")

    answers, done = await _moved(session, lines, VoucherAction.CANCEL, check)
    await _void(session, done, VoucherState.CANCELLED, by=by.subject, at=now)
    return answers


async def expire_now(session: AsyncSession, partner: str, *, by: Person, now: datetime) -> int:
    """The same for one office, when its officer asks for it; gives how many there were."""
    by.must(OFFICER, partner)
    return await expire_vouchers(session, now, partner=partner)


async def expire_vouchers(
    session: AsyncSession, now: datetime, *, partner: str | None = None
) -> int:
    """Let vouchers expire that were not handed in in time; their money is free again."""
    today = now.astimezone(TIMEZONE).date()
    numbers = await voucher_rows.overdue(session, partner, today=today, limit=EXPIRED_AT_ONCE_MAX)
    held = await voucher_rows.held(session, numbers)
    due = [v for v in held.values() if (VoucherState(v.state), VoucherAction.EXPIRE) in _ENDS]
    await _void(session, due, VoucherState.EXPIRED, by=BY_TIME, at=now)
    return len(due)


_ENDS = frozenset(
    (state, VoucherAction.EXPIRE) for state in (VoucherState.ISSUED, VoucherState.ACTIVE)
)


async def _moved(
    session: AsyncSession,
    lines: Sequence[tuple[int, NumberLine]],
    action: VoucherAction,
    check: Callable[[Voucher], None],
) -> tuple[list[LineAnswer], list[Voucher]]:
    """The answers of lines, and the vouchers that may go where they say."""
    held = await voucher_rows.held(session, (line.voucher_no for _, line in lines))
    answers, done = [], list[Voucher]()
    for number, line in lines:
        try:
            voucher = _known(held, line)
            check(voucher)
            state = moved(voucher.state, action)
        except Refused as why:
            answers.append(refused(number, why))
            continue
        held[voucher.voucher_no] = voucher._replace(state=state.value)
        done.append(voucher)
        answers.append(accepted(number, voucher.voucher_no, state=state.value))
    return answers, done


def _known(held: Mapping[str, Voucher], line: NumberLine) -> Voucher:
    """The voucher of a number; raises VoucherUnknown."""
    voucher = held.get(plain_number(line.voucher_no))
    if voucher is None:
        raise VoucherUnknown(field="voucher_no")
    return voucher


def _check_in_time(voucher: Voucher, now: datetime) -> None:
    """Refuse a voucher whose time is over, whether or not it was written down already."""
    if now.astimezone(TIMEZONE).date() > voucher.expires_on:
        raise VoucherExpired(field="voucher_no", expires_on=voucher.expires_on.isoformat())


async def _void(
    session: AsyncSession, ended: Sequence[Voucher], state: VoucherState, *, by: str, at: datetime
) -> None:
    """End vouchers and free what is reserved for them."""
    if not ended:
        return
    await voucher_rows.void(session, [v.voucher_no for v in ended], state=state.value, by=by, at=at)
    ledger = await ledger_rows.load_ledger(session, {(v.pupil_ref, v.month) for v in ended})
    plans = await plan_rows.held_plans(session, {v.plan_id for v in ended})
    ledger.draws_on = {plan_id: entry.plan.draws_on for plan_id, entry in plans.items()}
    for voucher in ended:
        line = ledger.lines.get((voucher.plan_id, voucher.measure_id, voucher.month))
        if line is not None:
            ledger.release_part(line, voucher.cents)
    await save(session, ledger, at=at)


async def redeem_vouchers(
    session: AsyncSession,
    partner: str,
    lines: Sequence[tuple[int, RedemptionLine]],
    *,
    by: Person,
    now: datetime,
) -> list[LineAnswer]:
    """Take vouchers that a caterer handed in, each for the meal of one day of its pupil."""
    by.must(OFFICER, partner)
    held = await voucher_rows.held(session, (line.voucher_no for _, line in lines))
    caterers = await _caterers(session, partner, (line.payee_id for _, line in lines))
    plans = await plan_rows.held_plans(session, {v.plan_id for v in held.values()})
    books = DayBooks(await ledger_rows.load_rulebook(session), now.astimezone(TIMEZONE).date())
    own = {plan_id: entry.plan for plan_id, entry in plans.items()}
    await day_rows.load(session, books, {(v.pupil_ref, v.month) for v in held.values()}, own)
    answers, rows = [], list[tuple[str, date, str]]()
    for number, line in lines:
        try:
            voucher = _redeemable(held, line, partner, caterers, now)
            _take_day(voucher, line, own[voucher.plan_id], books)
        except Refused as why:
            answers.append(refused(number, why))
            continue
        held[voucher.voucher_no] = voucher._replace(state=VoucherState.REDEEMED.value)
        rows.append((voucher.voucher_no, line.served_on, line.payee_id))
        answers.append(
            accepted(
                number,
                voucher.voucher_no,
                plan_id=voucher.plan_id,
                measure_id=voucher.measure_id,
                cents=voucher.cents,
            )
        )
    await voucher_rows.redeem(session, rows, by=by.subject, at=now)
    await day_rows.save(session, books)
    return answers


async def _caterers(session: AsyncSession, partner: str, payees: Iterable[str]) -> set[str]:
    """The payees of an office that can be caterers."""
    kinds = await claim_rows.payee_kinds(session, ((partner, payee) for payee in payees))
    return {payee for (_, payee), kind in kinds.items() if kind in CATERERS}


def _redeemable(
    held: Mapping[str, Voucher],
    line: RedemptionLine,
    partner: str,
    caterers: set[str],
    now: datetime,
) -> Voucher:
    """The voucher, if it can be taken for that day from that caterer; the day comes later."""
    voucher = _known(held, line)
    if voucher.partner != partner:
        raise VoucherUnknown(field="voucher_no")
    why = WHY_NOT_TAKEN.get(VoucherState(voucher.state))
    if why is not None:
        raise why(field="voucher_no")
    _check_in_time(voucher, now)
    if month_of(line.served_on) != voucher.month:
        raise VoucherOfOtherMonth(field="served_on", month=voucher.month)
    if line.payee_id not in caterers:
        raise CatererUnknown(field="payee_id")
    moved(voucher.state, VoucherAction.REDEEM)
    return voucher


def _take_day(voucher: Voucher, line: RedemptionLine, plan: Plan, books: DayBooks) -> None:
    """Let the voucher have its day; raises LineRefused where the day cannot be paid."""
    day, rules = line.served_on, books.rules_for(plan, line.served_on)
    asked = Asked(plan, voucher.measure_id, MEALS, rules, voucher.voucher_no)
    why = why_not(asked, day, books)
    if why is not None:
        raise LineRefused("days-refused", **details_of({day: why}))
    take(DaysPaid(voucher.cents, (day,)), asked, books, held_by=voucher.voucher_no)


async def vouchers_of(
    session: AsyncSession,
    partner: str,
    *,
    batch_id: str | None,
    state: str | None,
    after: str,
    limit: int,
) -> list[RowMapping]:
    """Vouchers of a partner by number, page by page."""
    return await voucher_rows.page(
        session, partner, batch_id=batch_id, state=state, after=after, limit=limit
    )
