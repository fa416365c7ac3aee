"""Claims in bulk: each line with evidence becomes an order, or is refused with its reason."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import RowMapping
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.claims import store as claim_rows
from services.payments.claims.answers import as_before
from services.payments.claims.books import ClaimBooks, Payable
from services.payments.claims.domain import payable
from services.payments.claims.evidence import ClaimLine, digest_of
from services.payments.claims.opening import Read, open_books
from services.payments.claims.store import ClaimRow, PaidByLine
from services.payments.days import store as day_rows
from services.payments.days.claiming import take
from services.payments.domain import OrderState, Plan
from services.payments.entitlements import store as plan_rows
from services.payments.evidence import store as evidence_rows
from services.payments.evidence.domain import Piece
from services.payments.orders import store as order_rows
from services.payments.orders.store import OrderRow, new_ids, told
from services.payments.refusals import LineRefused
from services.payments.rulebook import ESF_SHARE
from services.payments.shares.saving import save
from shared.auth import Person
from shared.bulk import LineAnswer, refused
from shared.bus.outbox import publish
from shared.contracts.base import Fact
from shared.contracts.payments import ClaimRefused, PaymentOrdered
from shared.errors import NotFound
from shared.money import split_esf

ATTEMPTS_MAX = 3
_DRAFT = OrderState.DRAFT
NOT_KEPT = frozenset({"claim-repeated", "plan-unknown", "outside-your-organisation"})

Lines = Sequence[tuple[int, ClaimLine]]


class ClaimUnknown(NotFound):
    """There is no such claim."""

    code = "claim-unknown"


@dataclass
class _Batch:
    """What a bulk of claims comes to."""

    books: ClaimBooks
    by: Person
    now: datetime
    evidence: str
    claims: list[ClaimRow] = field(default_factory=list)
    orders: list[OrderRow] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    answers: list[LineAnswer] = field(default_factory=list)


async def submit_claims(
    session: AsyncSession, lines: Lines, *, by: Person, now: datetime
) -> list[LineAnswer]:
    """Decide claims in their order, order what is payable, tell all of it; one answer a line."""
    read = [(number, claim, digest_of(claim.evidence)) for number, claim in lines]
    await plan_rows.lock_pupils_of(session, {claim.plan_id for _, claim in lines})
    batch = await _decided_and_saved(session, read, by=by, now=now)
    papers = {c.order_id: Piece(c.digest, c.paper) for c in batch.claims if c.order_id and c.digest}
    facts = [*batch.facts, *evidence_rows.claimed(session, papers)]
    await publish(session, facts, at=now)
    return await as_before(session, batch.answers, lines, by=by)


async def claim(session: AsyncSession, claim_id: str) -> RowMapping:
    """One claim as its row; raises ClaimUnknown."""
    found = await claim_rows.claim(session, claim_id)
    if found is None:
        raise ClaimUnknown()
    return found


async def _decided_and_saved(
    session: AsyncSession, lines: Read, *, by: Person, now: datetime
) -> _Batch:
    """Decide and save; when somebody else paid the same evidence meanwhile, decide again."""
    for attempt in range(1, ATTEMPTS_MAX + 1):
        books = await open_books(session, lines, by=by, now=now)
        batch = _decide(lines, _Batch(books, by, now, evidence_rows.of_new_order(session)))
        try:
            async with session.begin_nested():
                await claim_rows.insert_claims(session, batch.claims, now)
        except (IntegrityError, PaidByLine):
            if attempt == ATTEMPTS_MAX:
                raise
            continue
        await order_rows.copy_orders(session, batch.orders)
        await save(session, batch.books.ledger, at=now)
        await day_rows.save(session, batch.books.days)
        break
    return batch


def _decide(lines: Read, batch: _Batch) -> _Batch:
    """Go through the lines in their order."""
    ids = new_ids(2 * len(lines), batch.now)
    for index, (number, claim, digest) in enumerate(lines):
        claim_id = claim.claim_id or ids[2 * index]
        try:
            pay = payable(claim, digest, batch.books)
        except LineRefused as why:
            _refuse(batch, number, claim, claim_id, why)
        else:
            _accept(batch, number, claim, claim_id, pay, order_id=ids[2 * index + 1])
    return batch


def _refuse(batch: _Batch, number: int, claim: ClaimLine, claim_id: str, why: LineRefused) -> None:
    """Answer a refused line; it is kept and told where it is about a plan of the person's."""
    answer = refused(number, why)
    batch.answers.append(answer)
    if why.code in NOT_KEPT:
        return
    answer.id = claim_id
    plan = batch.books.plans[claim.plan_id]
    batch.books.taken.add(claim_id)
    batch.claims.append(_claim_row(batch, claim, claim_id, plan, reason=why))
    batch.facts.append(
        ClaimRefused(
            about_key=plan.pupil_ref,
            partner=plan.partner,
            municipality_id=plan.municipality_id,
            claim_id=claim_id,
            plan_id=plan.plan_id,
            measure_id=claim.measure_id,
            reason_code=why.code,
            asked_cents=claim.cents,
        )
    )


def _accept(
    batch: _Batch, number: int, claim: ClaimLine, claim_id: str, pay: Payable, *, order_id: str
) -> None:
    """Answer an accepted line and make its order."""
    books = batch.books
    if pay.asked is not None:
        take(pay.days, pay.asked, books.days, held_by=order_id)
    order = _order_row(batch, claim, claim_id, pay, order_id)
    batch.orders.append(order)
    plan = pay.delivered.plan
    batch.claims.append(
        _claim_row(batch, claim, claim_id, plan, reason=pay.cut, piece=pay.piece, order=order_id)
    )
    batch.facts.append(told(PaymentOrdered, order))
    details: dict[str, JsonValue] = {} if pay.cut is None else dict(pay.cut.details)
    details |= {"order_id": order_id, "cents": pay.cents}
    if pay.line.under_ceiling:
        month = books.ledger.months[pay.line.pupil_ref, pay.line.month]
        details |= {"room_left_cents": month.room, "free_cents": month.free}
    batch.answers.append(
        LineAnswer(
            line=number,
            status="accepted",
            id=claim_id,
            code=pay.cut.code if pay.cut else None,
            message=pay.cut.sentence if pay.cut else None,
            details=details,
        )
    )


def _order_row(
    batch: _Batch, claim: ClaimLine, claim_id: str, pay: Payable, order_id: str
) -> OrderRow:
    """The draft order of an accepted claim."""
    delivered, plan = pay.delivered, pay.delivered.plan
    share = batch.books.rules.value(ESF_SHARE, delivered.day)
    esf, state = split_esf(pay.cents, share_permille=share)
    # In the order of the columns: with their names it takes four times as long.
    return OrderRow(
        order_id,
        1,
        _DRAFT,
        plan.pupil_ref,
        plan.partner,
        plan.municipality_id,
        delivered.measure.support_type,
        delivered.month,
        claim_id,
        plan.plan_id,
        delivered.version.number,
        plan.plan_code,
        delivered.measure.measure_id,
        plan.pupil_ref,
        plan.school_id,
        plan.semester,
        None,
        None,
        delivered.day,
        pay.cents,
        esf,
        state,
        claim.payee_id,
        pay.payee_kind,
        batch.by.subject,
        batch.now,
        None if pay.piece is None else batch.evidence,
    )


def _claim_row(
    batch: _Batch,
    claim: ClaimLine,
    claim_id: str,
    plan: Plan,
    *,
    reason: LineRefused | None,
    piece: Piece | None = None,
    order: str | None = None,
) -> ClaimRow:
    """The row of a claim, accepted with its order or refused with its reason."""
    return ClaimRow(
        claim_id,
        plan.plan_id,
        plan.partner,
        plan.school_id,
        "refused" if order is None else "accepted",
        batch.by.subject,
        claim.cents,
        claim_rows.submitted(claim),
        None if piece is None else piece.digest,
        order,
        reason.code if reason else None,
        claim_rows.explanation(reason),
        batch.now,
        None if piece is None else piece.paper,
    )
