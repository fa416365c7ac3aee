"""Rows of offices' keys and of nonces that came lately."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.signatures.tables import OFFICE_KEYS, SIGNATURE_NONCES


@dataclass(frozen=True, slots=True)
class OfficeKey:
    """A public key of an office, in the order of the table's columns."""

    key_id: str
    partner: str
    state: str
    public_key: str
    entered_by: str
    entered_at: datetime
    confirmed_by: str | None = None
    confirmed_at: datetime | None = None
    revoked_by: str | None = None
    revoked_at: datetime | None = None


async def insert_key(session: AsyncSession, key: OfficeKey) -> bool:
    """Write a new key; False where it is known, of whomever and in whatever state."""
    values = {column.name: getattr(key, column.name) for column in OFFICE_KEYS.columns}
    added = insert(OFFICE_KEYS).values(values).on_conflict_do_nothing()
    done = await session.execute(added.returning(OFFICE_KEYS.c.key_id))
    return done.first() is not None


async def key_locked(session: AsyncSession, partner: str, key_id: str) -> OfficeKey | None:
    """A key of an office, held until the transaction ends."""
    rows = await session.execute(
        select(OFFICE_KEYS)
        .where(OFFICE_KEYS.c.partner == partner, OFFICE_KEYS.c.key_id == key_id)
        .with_for_update()
    )
    row = rows.mappings().one_or_none()
    return None if row is None else OfficeKey(**row)


async def keep_key(session: AsyncSession, key: OfficeKey) -> None:
    """Write what was decided of a key."""
    values = {
        name: getattr(key, name)
        for name in ("state", "confirmed_by", "confirmed_at", "revoked_by", "revoked_at")
    }
    await session.execute(
        update(OFFICE_KEYS).where(OFFICE_KEYS.c.key_id == key.key_id).values(values)
    )


async def keys_of(session: AsyncSession, partner: str) -> list[OfficeKey]:
    """The keys of an office, the oldest first."""
    rows = await session.execute(
        select(OFFICE_KEYS)
        .where(OFFICE_KEYS.c.partner == partner)
        .order_by(OFFICE_KEYS.c.entered_at, OFFICE_KEYS.c.key_id)
    )
    return [OfficeKey(**row) for row in rows.mappings()]


async def key_in_force(session: AsyncSession, partner: str, key_id: str) -> str | None:
    """The public key of this name, if it is in force for this office."""
    found: str | None = await session.scalar(
        select(OFFICE_KEYS.c.public_key).where(
            OFFICE_KEYS.c.partner == partner,
            OFFICE_KEYS.c.key_id == key_id,
            OFFICE_KEYS.c.state == "in_force",
        )
    )
    return found


async def use_nonce(session: AsyncSession, key_id: str, nonce: str, *, at: datetime) -> bool:
    """Take a nonce; False where it was taken before."""
    row = {"key_id": key_id, "nonce": nonce, "signed_at": at}
    added = insert(SIGNATURE_NONCES).values(row).on_conflict_do_nothing()
    done = await session.execute(added.returning(SIGNATURE_NONCES.c.nonce))
    return done.first() is not None


async def forget_nonces(session: AsyncSession, *, before: datetime) -> None:
    """Remove nonces of signatures that nobody would take any more."""
    await session.execute(delete(SIGNATURE_NONCES).where(SIGNATURE_NONCES.c.signed_at < before))
