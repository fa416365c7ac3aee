"""Let an action happen and take it back: what it answered is what would happen.

Rows, facts and ids are gone afterwards. Only who read whose name and account stays written, for
that did happen.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.claims import actions as claims
from services.payments.claims.evidence import ClaimLine
from services.payments.files import actions as bank_files
from services.payments.files import store as file_rows
from services.payments.files.actions import FileWanted, Issued
from services.payments.files.writing import BankFileFaulty
from services.payments.orders import actions as orders
from services.payments.orders.actions import ApprovalLine
from services.payments.tables import READ_LOG
from shared.auth import Person
from shared.bulk import LineAnswer

REASON = "bank file tried out"

_LAST_READ = text("SELECT coalesce(max(id), 0) FROM read_log")
_READS = text("""
    SELECT subject_ref, fields FROM read_log
    WHERE id > :last AND reader = :reader AND read_at = :now ORDER BY id
""")


@asynccontextmanager
async def taken_back(session: AsyncSession, *, by: Person, now: datetime) -> AsyncIterator[None]:
    """What happens inside is undone at its end, except that reads stay in the read log."""
    last = await session.scalar(_LAST_READ)
    trial = await session.begin_nested()
    try:
        yield
        reads = await session.execute(_READS, {"last": last, "reader": by.subject, "now": now})
        kept = [_read(row[0], row[1], by=by, now=now) for row in reads]
    finally:
        await trial.rollback()
        session.info.pop("published", None)
    if kept:
        await session.execute(insert(READ_LOG), kept)


def _read(subject_ref: str, fields: Sequence[str], *, by: Person, now: datetime) -> dict[str, Any]:
    """A read that took place although nothing came of it."""
    about = {"read_at": now, "reader": by.subject, "reason": REASON}
    return about | {"subject_ref": subject_ref, "fields": list(fields)}


async def if_claimed(
    session: AsyncSession, lines: Sequence[tuple[int, ClaimLine]], *, by: Person, now: datetime
) -> list[LineAnswer]:
    """What claims would be answered; ids that nobody gave are left out, for they will be others."""
    async with taken_back(session, by=by, now=now):
        answers = await claims.submit_claims(session, lines, by=by, now=now)
    given = {number: claim.claim_id for number, claim in lines}
    for answer in answers:
        known = bool(answer.details and answer.details.get("answered_before"))
        answer.id = given.get(answer.line) if answer.id else None
        if answer.details and not known:
            answer.details = {k: v for k, v in answer.details.items() if k != "order_id"}
    return answers


async def if_approved(
    session: AsyncSession, lines: Sequence[tuple[int, ApprovalLine]], *, by: Person, now: datetime
) -> list[LineAnswer]:
    """What approvals would be answered."""
    async with taken_back(session, by=by, now=now):
        return await orders.approve_orders(session, lines, by=by, now=now)


class FileTried:
    """What a bank file would be: its parts with their orders, or what is wrong with it."""

    def __init__(self) -> None:
        self.issued: list[Issued] = []
        self.orders: dict[str, list[tuple[str, int]]] = {}
        self.waiting: list[tuple[str, int]] = []
        self.findings: list[dict[str, Any]] = []


async def if_issued(
    session: AsyncSession, wanted: FileWanted, *, by: Person, now: datetime
) -> FileTried:
    """What the file of the day would hold; findings of its check are answered, not raised."""
    tried = FileTried()
    async with taken_back(session, by=by, now=now):
        tried.waiting = await file_rows.waiting(session, wanted.partner)
        try:
            tried.issued = await bank_files.issue_bank_files(session, wanted, by=by, now=now)
        except BankFileFaulty as faulty:
            tried.findings = list(faulty.details["findings"])
        for issued in tried.issued:
            file_id = issued.file.file_id
            tried.orders[file_id] = await file_rows.orders_in(session, file_id)
    return tried
