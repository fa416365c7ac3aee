"""Rows of changes of payees, sealed like the payees themselves."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Text

from services.payments.payees.store import FIELDS, REASON, Details, cipher_of
from services.payments.payees.tables import PAYEE_CHANGES
from services.payments.store import insert_rows
from services.payments.tables import READ_LOG
from shared.auth import Person
from shared.privacy import log_reads

_LOCK_PAYEES = text("""
    SELECT 1 FROM payees p JOIN
        unnest(CAST(:partners AS text[]), CAST(:ids AS text[])) AS n (partner, payee_id)
        USING (partner, payee_id)
    ORDER BY p.partner, p.payee_id FOR UPDATE OF p
""")
_WAITING = text("""
    SELECT c.partner, c.payee_id FROM payee_changes c JOIN
        unnest(CAST(:partners AS text[]), CAST(:ids AS text[])) AS n (partner, payee_id)
        USING (partner, payee_id)
    WHERE c.state = 'proposed' OR (c.state = 'confirmed' AND c.in_force_from > :today)
""")
_PAID = text("""
    SELECT DISTINCT c.change_id, o.file_id FROM payee_changes c JOIN orders o
        ON o.partner = c.partner AND o.payee_id = c.payee_id AND o.payee_version = c.version
    WHERE c.change_id = ANY(:ids)
""").bindparams(bindparam("ids", type_=ARRAY(Text)))
_DECIDE = text("""
    UPDATE payee_changes c SET state = n.state, confirmed_by = n.confirmed_by,
        confirmed_at = n.confirmed_at, in_force_from = n.in_force_from,
        refused_by = n.refused_by, refused_at = n.refused_at
    FROM unnest(CAST(:change_id AS text[]), CAST(:state AS text[]), CAST(:confirmed_by AS text[]),
        CAST(:confirmed_at AS timestamptz[]), CAST(:in_force_from AS date[]),
        CAST(:refused_by AS text[]), CAST(:refused_at AS timestamptz[]))
        AS n (change_id, state, confirmed_by, confirmed_at, in_force_from, refused_by, refused_at)
    WHERE c.change_id = n.change_id
""")
_DECIDED_COLUMNS = (
    "change_id",
    "state",
    "confirmed_by",
    "confirmed_at",
    "in_force_from",
    "refused_by",
    "refused_at",
)


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a payee, in the order of the table's columns; name and account stay sealed."""

    change_id: str
    partner: str
    payee_id: str
    version: int
    state: str
    sealed: bytes
    account_shown: str
    proposed_by: str
    proposed_at: datetime
    confirmed_by: str | None = None
    confirmed_at: datetime | None = None
    in_force_from: date | None = None
    refused_by: str | None = None
    refused_at: datetime | None = None


async def lock_payees(session: AsyncSession, keys: Iterable[tuple[str, str]]) -> None:
    """Take the rows of payees, in key order."""
    await session.execute(_LOCK_PAYEES, _columns(keys))


async def with_a_change_waiting(
    session: AsyncSession, keys: Iterable[tuple[str, str]], *, today: date
) -> set[tuple[str, str]]:
    """Those payees of which a change waits for its second person or for its day."""
    rows = await session.execute(_WAITING, _columns(keys) | {"today": today})
    return {(row[0], row[1]) for row in rows}


async def insert_changes(session: AsyncSession, changes: Sequence[Change]) -> None:
    """Write proposed changes."""
    columns = [column.name for column in PAYEE_CHANGES.columns]
    rows = [tuple(getattr(change, name) for name in columns) for change in changes]
    await insert_rows(session, PAYEE_CHANGES, rows)


async def partners_of_changes(session: AsyncSession, ids: Iterable[str]) -> set[str]:
    """The payment offices whose payees these changes are about."""
    asked = select(PAYEE_CHANGES.c.partner).where(_is_one_of(ids)).distinct()
    return set(await session.scalars(asked))


async def changes_locked(session: AsyncSession, ids: Iterable[str]) -> dict[str, Change]:
    """Changes by id, their rows taken in order of the ids."""
    asked = select(PAYEE_CHANGES).where(_is_one_of(ids))
    rows = await session.execute(asked.order_by(PAYEE_CHANGES.c.change_id).with_for_update())
    return {row["change_id"]: Change(**row) for row in rows.mappings()}


async def files_that_pay(session: AsyncSession, ids: Iterable[str]) -> dict[str, str]:
    """By change, a bank file that pays to what the change made of its payee."""
    rows = await session.execute(_PAID, {"ids": sorted(set(ids))})
    return {row[0]: row[1] for row in rows}


async def decide(session: AsyncSession, decided: Sequence[Change]) -> None:
    """Write what was decided of changes."""
    columns: dict[str, Any] = {
        name: [getattr(change, name) for change in decided] for name in _DECIDED_COLUMNS
    }
    if decided:
        await session.execute(_DECIDE, columns)


async def changes_of(
    session: AsyncSession, partner: str, *, state: str | None, after: str, limit: int
) -> list[Change]:
    """A page of the changes of a payment office's payees by id, after an id."""
    asked = (
        select(PAYEE_CHANGES)
        .where(PAYEE_CHANGES.c.partner == partner, PAYEE_CHANGES.c.change_id > after)
        .order_by(PAYEE_CHANGES.c.change_id)
        .limit(limit)
    )
    if state is not None:
        asked = asked.where(PAYEE_CHANGES.c.state == state)
    return [Change(**row) for row in (await session.execute(asked)).mappings()]


async def change_of(session: AsyncSession, partner: str, change_id: str) -> Change | None:
    """One change of a payment office's payee."""
    rows = await session.execute(
        select(PAYEE_CHANGES).where(
            PAYEE_CHANGES.c.partner == partner, PAYEE_CHANGES.c.change_id == change_id
        )
    )
    row = rows.mappings().one_or_none()
    return None if row is None else Change(**row)


async def open_change(
    session: AsyncSession, change: Change, *, reader: Person, now: datetime
) -> tuple[Details, str]:
    """The payee as it is to be, and the reason; the read is logged."""
    opened = json.loads(cipher_of(session).open(change.sealed))
    reason = opened.pop(REASON)
    await log_reads(
        session,
        READ_LOG,
        reader=reader,
        subject_refs=[change.payee_id],
        fields=FIELDS,
        reason="looked at a change",
        now=now,
    )
    return Details(**opened), reason


def seal_change(session: AsyncSession, details: Details, reason: str) -> bytes:
    """The payee as it is to be, with the reason, as it is kept."""
    kept = asdict(details) | {REASON: reason}
    return cipher_of(session).seal(json.dumps(kept, ensure_ascii=False))


def _is_one_of(ids: Iterable[str]) -> Any:
    """Whether a change is one of these."""
    return PAYEE_CHANGES.c.change_id.in_(sorted(set(ids)))


def _columns(keys: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Partners and ids in key order, as two columns."""
    asked = sorted(set(keys))
    return {"partners": [p for p, _ in asked], "ids": [i for _, i in asked]}
