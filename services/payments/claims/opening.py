"""Loading everything a batch of claims is decided by, by a fixed number of statements."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.allocations import store as allocation_rows
from services.payments.claims import store as claim_rows
from services.payments.claims.books import ClaimBooks, months_held_against_days, most_wanted
from services.payments.claims.evidence import OF_PREPARATION, OF_VOUCHER, ClaimLine, paper_of
from services.payments.claims.fitting import wanting_more
from services.payments.days import store as day_rows
from services.payments.days.domain import DayBooks
from services.payments.entitlements import store as plan_rows
from services.payments.evidence import store as evidence_rows
from services.payments.ledger import store as ledger_rows
from services.payments.ledger.domain import Ledger
from services.payments.vouchers import store as voucher_rows
from shared.auth import Person, Role
from shared.calendar import TIMEZONE

SCHOOL_ROLES = (Role.PREPARER, Role.SCHOOL_COORDINATOR)
OFFICE_ROLES = (Role.PAYMENT_OFFICER,)

Read = Sequence[tuple[int, ClaimLine, bytes | None]]
"""Number, claim and the digest of its evidence."""


async def open_books(
    session: AsyncSession, lines: Read, *, by: Person, now: datetime
) -> ClaimBooks:
    """Load everything the lines are decided by."""
    claims = [claim for _, claim, _ in lines]
    held = await plan_rows.held_plans(session, {claim.plan_id for claim in claims})
    plans = {plan_id: entry.plan for plan_id, entry in held.items()}
    named = {c.evidence.consultation_id for c in claims if c.evidence.consultation_id}
    digests = {digest for _, _, digest in lines if digest is not None}
    digests |= {paper for c in claims if (paper := paper_of(c.evidence)) is not None}
    prepared = {c.plan_id for c in claims if c.evidence.kind is OF_PREPARATION}
    numbers = {c.evidence.number for c in claims if c.evidence.kind is OF_VOUCHER}
    rules = await ledger_rows.load_rulebook(session)
    today = now.astimezone(TIMEZONE).date()
    books = ClaimBooks(
        plans=plans,
        ledger=Ledger(),
        rules=rules,
        days=DayBooks(rules, today),
        vouchers=await voucher_rows.vouchers(session, filter(None, numbers)) if numbers else {},
        payees=await claim_rows.payee_kinds(
            session, {(plans[c.plan_id].partner, c.payee_id) for c in claims if c.plan_id in plans}
        ),
        consultations=await plan_rows.consultations(session, named) if named else {},
        earned=await plan_rows.earned(session, prepared) if prepared else {},
        today=today,
        schools=by.organisations(*SCHOOL_ROLES),
        offices=by.organisations(*OFFICE_ROLES),
        taken=await claim_rows.taken_ids(session, (c.claim_id for c in claims if c.claim_id)),
        paid=await claim_rows.paid(session, digests),
        elsewhere=await evidence_rows.held_elsewhere(session, digests),
    )
    if prepared:
        books.prepared = await plan_rows.spent(session, prepared, only_preparation=True)
    await _open_months(session, books, claims)
    return books


async def _open_months(
    session: AsyncSession, books: ClaimBooks, claims: Sequence[ClaimLine]
) -> None:
    """Load the months the lines fall into: their days, the ledger, the allocations it draws on."""
    plans, wished = books.plans, most_wanted(claims, books)
    await day_rows.load(session, books.days, months_held_against_days(wished, books), plans)
    books.ledger = await ledger_rows.load_ledger(
        session, {(plans[plan_id].pupil_ref, month) for plan_id, _, month in wished}
    )
    books.ledger.draws_on = {plan_id: plan.draws_on for plan_id, plan in plans.items()}
    # Only a month that several plans use needs the names of its schools.
    shared = books.ledger.plans_sharing_months(
        (plan_id, (plans[plan_id].pupil_ref, month)) for plan_id, _, month in wished
    )
    books.named_places = await ledger_rows.places_of_plans(session, shared)
    wanted = wanting_more(books.ledger, wished)
    books.ledger.held = await allocation_rows.hold_allocations(session, wanted, books.rules)
