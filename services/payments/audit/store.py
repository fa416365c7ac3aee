"""Questions about one order: who approved its plan, what was reported of it, where it stands."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.orders.store import OrderRow

Row = dict[str, Any]

_APPROVALS = text("""
    SELECT step, approver, approved_at FROM plan_approvals
    WHERE plan_id = :plan_id AND plan_version = :plan_version ORDER BY approved_at, step
""")
_CONSULTATION = text("""
    SELECT consultation_id, measure_id, provider_ref, provider_kind, mode, held_on, minutes
    FROM consultations WHERE consultation_id = :consultation_id
""")
_PAYEE = text("""
    SELECT p.payee_id, p.kind, coalesce(c.version, p.version) AS version,
        coalesce(c.account_shown, p.account_shown) AS account_shown, p.entered_by, p.entered_at,
        c.proposed_by, c.proposed_at, c.confirmed_by, c.confirmed_at, c.in_force_from
    FROM payees p LEFT JOIN payee_changes c ON c.partner = p.partner AND c.payee_id = p.payee_id
        AND c.state = 'confirmed' AND c.version = :version
    WHERE p.partner = :partner AND p.payee_id = :payee_id
""")
_REPORTS = text("""
    SELECT report_id, outcome, result, cents, booked_on, reason_code, code, reported_at
    FROM reports WHERE order_id = :order_id ORDER BY reported_at, report_id
""")
_RECOVERIES = text("""
    SELECT recovery_id, reason_code, state, cents, booked_on, entered_at
    FROM recoveries WHERE order_id = :order_id ORDER BY entered_at, recovery_id
""")
_DEMANDS = text("""
    SELECT demand_id, state, reason_code, reason, cents, recovered_cents, pay_until, entered_by,
        entered_at, letter_by, letter_at
    FROM demands WHERE order_id = :order_id ORDER BY entered_at, demand_id
""")
_REPAIRS = text("""
    SELECT order_id, decision, reason, new_order_id, decided_by, decided_at
    FROM repairs WHERE order_id = :order_id OR new_order_id = :order_id ORDER BY decided_at
""")
_DAYS = text("""
    SELECT day, assumed, voucher_no FROM claimed_days WHERE held_by = :order_id ORDER BY day
""")
_CASES = text("""
    SELECT case_id, day, reason_code, state, cents, noted_at, comment, decided_by, decided_at
    FROM day_cases WHERE pupil_ref = :pupil_ref AND order_id = :order_id ORDER BY day
""")
_VOUCHERS = text("""
    SELECT v.voucher_no, v.batch_id, v.cents, v.issued_by, v.issued_at, v.activated_by,
        v.activated_at, v.served_on, v.payee_id, v.redeemed_by, v.redeemed_at
    FROM claimed_days d JOIN vouchers v USING (voucher_no)
    WHERE d.held_by = :order_id ORDER BY v.voucher_no
""")
_REPORTED = text("""
    SELECT r.period, r.submitted_by, r.submitted_at, r.verified_by, r.verified_at,
        l.line_no, l.kind, l.ref, l.cents, l.decision, l.accepted_cents, l.reason_code,
        l.decided_by, l.decided_at, l.package_id
    FROM partner_report_lines l JOIN partner_reports r USING (report_id)
    WHERE l.order_id = :order_id ORDER BY r.last_day, l.line_no
""")


async def approvals(session: AsyncSession, plan_id: str, plan_version: int) -> list[Row]:
    """Who approved a version of a plan, level by level."""
    return await _rows(session, _APPROVALS, plan_id=plan_id, plan_version=plan_version)


async def consultation(session: AsyncSession, consultation_id: str) -> Row | None:
    """A confirmed consultation."""
    found = await _rows(session, _CONSULTATION, consultation_id=consultation_id)
    return found[0] if found else None


async def payee(session: AsyncSession, order: OrderRow) -> Row | None:
    """The payee in the version the order was paid to, without name and account, who made it so."""
    values = {"partner": order.partner, "payee_id": order.payee_id}
    found = await _rows(session, _PAYEE, **values, version=order.payee_version or 1)
    return found[0] if found else None


async def reports(session: AsyncSession, order_id: str) -> list[Row]:
    """What was reported of an order."""
    return await _rows(session, _REPORTS, order_id=order_id)


async def recoveries(session: AsyncSession, order_id: str) -> list[Row]:
    """What came back of an order."""
    return await _rows(session, _RECOVERIES, order_id=order_id)


async def days(session: AsyncSession, order: OrderRow) -> dict[str, list[Row]]:
    """The days an order pays, vouchers among them, and cases about days paid for nothing."""
    about = {"order_id": order.order_id}
    return {
        "days": await _rows(session, _DAYS, **about),
        "vouchers": await _rows(session, _VOUCHERS, **about),
        "cases": await _rows(session, _CASES, **about, pupil_ref=order.pupil_ref),
    }


async def afterwards(session: AsyncSession, order_id: str) -> dict[str, list[Row]]:
    """What is asked back of an order, and which order was paid again by which."""
    return {
        "demands": await _rows(session, _DEMANDS, order_id=order_id),
        "repairs": await _rows(session, _REPAIRS, order_id=order_id),
    }


async def reported_lines(session: AsyncSession, order_id: str) -> list[Row]:
    """Where an order stands in partners' reports, and what the state decided."""
    return await _rows(session, _REPORTED, order_id=order_id)


async def _rows(session: AsyncSession, question: Any, **values: Any) -> list[Row]:
    """All rows of an answer."""
    return [dict(row) for row in (await session.execute(question, values)).mappings()]
