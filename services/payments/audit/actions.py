"""The audit package of an order: one signed archive from signature to bank line and count."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.payments import archive
from services.payments.audit import store
from services.payments.audit.cells import counted_in
from services.payments.claims import store as claim_rows
from services.payments.entitlements import store as plan_rows
from services.payments.files import store as file_rows
from services.payments.ledger import store as ledger_rows
from services.payments.ledger.explanation import explain
from services.payments.orders import actions as orders
from services.payments.orders.store import OrderRow
from services.payments.payees.store import FIELDS
from services.payments.signing import Signer
from services.payments.statements import store as statements
from services.payments.tables import READ_LOG
from shared.auth import STATE, Person, Role
from shared.privacy import log_reads
from shared.settings import ServiceSettings

READERS = (Role.PAYMENT_OFFICER, Role.AUDITOR, Role.STATE_OFFICER)
FILE_LINE = "bank-file-line.xml"


async def audit_package(
    session: AsyncSession, order_id: str, settings: ServiceSettings, *, by: Person, now: datetime
) -> bytes:
    """Everything payments knows of an order, as a signed archive; the read is logged.

    Raises OrderUnknown, OutsideScope. The line of the bank file names the payee.
    """
    order = await orders.order(session, order_id)
    by.must(READERS, order.partner, STATE)
    await log_reads(
        session,
        READ_LOG,
        reader=by,
        subject_refs=[order.payee_id],
        fields=FIELDS,
        reason=f"audit package of order {order_id}",
        now=now,
    )
    files = {
        "order.json": archive.as_json(order._asdict()),
        "plan.json": archive.as_json(await _plan(session, order)),
        "claim.json": archive.as_json(await _claim(session, order)),
        "payee.json": archive.as_json(await store.payee(session, order)),
        "month.json": archive.as_json(await _month(session, order)),
        "bank.json": archive.as_json(await _bank(session, order)),
        "days.json": archive.as_json(await store.days(session, order)),
        "afterwards.json": archive.as_json(await store.afterwards(session, order_id)),
        "partner-report.json": archive.as_json(await store.reported_lines(session, order_id)),
        "counted.json": archive.as_json(counted_in(order)),
        **await _file_line(session, order),
    }
    about = {
        "what": "audit package",
        "order_id": order_id,
        "made_by": by.subject,
        "made_at": now.isoformat(),
    }
    return archive.packed(files, about, Signer.of(settings))


async def _plan(session: AsyncSession, order: OrderRow) -> dict[str, Any] | None:
    """The version the order was made under, with its measure and its signatures."""
    if order.plan_id is None or order.plan_version is None:
        return None
    held = (await plan_rows.held_plans(session, [order.plan_id]))[order.plan_id]
    version = next(v for v in held.plan.versions if v.number == order.plan_version)
    return {
        "plan_id": order.plan_id,
        "plan_code": order.plan_code,
        "plan_version": version.number,
        "state": held.state,
        "in_force": {"first_day": version.first_day, "last_day": version.last_day},
        "measures": {m.measure_id: m._asdict() for m in version.measures.values()},
        "measure_id": order.measure_id,
        "approvals": await store.approvals(session, order.plan_id, version.number),
    }


async def _claim(session: AsyncSession, order: OrderRow) -> dict[str, Any] | None:
    """The claim as submitted, with its evidence and, for a consultation, what was confirmed."""
    if order.claim_id is None:
        return None
    claim = await claim_rows.claim(session, order.claim_id)
    assert claim is not None, order.claim_id
    submitted = json.loads(claim["submitted"])
    consultation_id = submitted["evidence"].get("consultation_id")
    held = await store.consultation(session, consultation_id) if consultation_id else None
    return {
        **claim,
        "submitted": submitted,
        "digest": claim["digest"].hex() if claim["digest"] else None,
        "consultation": held,
    }


async def _month(session: AsyncSession, order: OrderRow) -> dict[str, Any] | None:
    """How the pupil's month stands under the ceiling."""
    if order.pupil_ref is None:
        return None
    rules = await ledger_rows.load_rulebook(session)
    ledger = await ledger_rows.load_ledger(session, [(order.pupil_ref, order.month)])
    month = ledger.open_month(order.pupil_ref, order.month, rules.cap_cents(order.month))
    lines = ledger.lines_of_month(order.pupil_ref, order.month)
    places = await ledger_rows.places_of_plans(session, (line.plan_id for line in lines))
    return {
        **explain(month, lines, places).model_dump(),
        "books": [asdict(line) for line in lines],
    }


async def _bank(session: AsyncSession, order: OrderRow) -> dict[str, Any]:
    """What the office and its bank said of the order, and what came back."""
    file = await file_rows.file(session, order.file_id) if order.file_id else None
    return {
        "end_to_end_id": order.order_id,
        "bank_file": dict(file) if file else None,
        "reports": await store.reports(session, order.order_id),
        "lines": [dict(row) for row in await statements.lines_of_order(session, order.order_id)],
        "recoveries": await store.recoveries(session, order.order_id),
    }


async def _file_line(session: AsyncSession, order: OrderRow) -> dict[str, bytes]:
    """The order's own element of its bank file."""
    if order.file_id is None:
        return {}
    line = await file_rows.line_of(session, order.file_id, order.order_id)
    return {FILE_LINE: line}
