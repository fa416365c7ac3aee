"""Money of youth projects: instalments become orders, money to come back is written down."""

from collections.abc import Sequence
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.domain import GRANT_INSTALMENT, OrderState
from services.payments.ledger import store as ledger_rows
from services.payments.orders import store as order_rows
from services.payments.orders.store import OrderRow, told
from services.payments.recoveries import store as recovery_rows
from services.payments.recoveries.store import RecoveryRow
from services.payments.rulebook import ESF_SHARE, Rulebook
from services.payments.store import lock_beneficiaries
from shared.bus.outbox import publish
from shared.calendar import month_of
from shared.contracts.base import Fact, Received
from shared.contracts.ngo_grants import InstalmentDue, RecoveryDue
from shared.contracts.payments import ClaimRefused, PayeeKind, PaymentOrdered
from shared.money import split_esf

ENTERED_BY = "service:ngo_grants"
PROJECT_ENDED = "project-ended"


async def order_instalments(session: AsyncSession, due: Sequence[Received[InstalmentDue]]) -> None:
    """Make a draft order of each instalment, once; after the project's end it is refused."""
    await lock_beneficiaries(session, (received.fact.project_id for received in due))
    rules = await ledger_rows.load_rulebook(session)
    payable = [r for r in due if not _too_late(r.fact, rules)]
    orders = {order.order_id: order for order in (_order(r.fact, r.at, rules) for r in payable)}
    new = await order_rows.insert_orders(session, [order for _, order in sorted(orders.items())])
    facts: list[tuple[Fact, datetime]] = [
        (_refusal(r.fact), r.at) for r in due if _too_late(r.fact, rules)
    ]
    facts += [
        (told(PaymentOrdered, order), order.ordered_at)
        for order in orders.values()
        if order.order_id in new
    ]
    await publish(session, [fact for fact, _ in facts], at=[at for _, at in facts])


def _too_late(fact: InstalmentDue, rules: Rulebook) -> bool:
    """Whether the instalment falls due after the approved end of the project."""
    end = rules.project_end(fact.due_on)
    return end is not None and fact.due_on > end


def _order(fact: InstalmentDue, at: datetime, rules: Rulebook) -> OrderRow:
    """The draft order of an instalment; its id follows from project and number."""
    share = rules.value(ESF_SHARE, fact.due_on)
    esf, state = split_esf(fact.cents, share_permille=share)
    return OrderRow(
        order_id=uuid5(NAMESPACE_URL, f"{fact.project_id}/{fact.instalment_no}").hex,
        version=1,
        state=OrderState.DRAFT.value,
        about_key=fact.project_id,
        partner=fact.partner,
        municipality_id=fact.municipality_id,
        support_type=GRANT_INSTALMENT,
        month=month_of(fact.due_on),
        claim_id=None,
        plan_id=None,
        plan_version=None,
        plan_code=None,
        measure_id=None,
        pupil_ref=None,
        school_id=None,
        semester=None,
        project_id=fact.project_id,
        instalment_no=fact.instalment_no,
        service_date=fact.due_on,
        cents=fact.cents,
        esf_cents=esf,
        state_cents=state,
        payee_id=fact.payee_ref,
        payee_kind=PayeeKind.ORGANISATION.value,
        entered_by=ENTERED_BY,
        ordered_at=at,
    )


def _refusal(fact: InstalmentDue) -> ClaimRefused:
    """An instalment that is not paid any more."""
    return ClaimRefused(
        about_key=fact.project_id,
        partner=fact.partner,
        municipality_id=fact.municipality_id,
        claim_id=f"{fact.project_id}/{fact.instalment_no}",
        plan_id=None,
        measure_id=None,
        reason_code=PROJECT_ENDED,
        asked_cents=fact.cents,
    )


async def note_recoveries(session: AsyncSession, due: Sequence[Received[RecoveryDue]]) -> None:
    """Keep what has to come back of a project, once; the office books it when it came."""
    await lock_beneficiaries(session, (received.fact.project_id for received in due))
    rows = [
        RecoveryRow(
            recovery_id=f"{r.fact.project_id}/{r.fact.version}",
            partner=r.fact.partner,
            about_key=r.fact.project_id,
            reason_code=r.fact.reason_code,
            state="due",
            order_id=None,
            cents=r.fact.cents,
            booked_on=None,
            entered_at=r.at,
        )
        for r in sorted(due, key=lambda r: (r.fact.project_id, r.fact.version))
    ]
    await recovery_rows.note_due(session, rows)
