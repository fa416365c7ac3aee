"""Rows of payees: sealed at rest, opened in one place only."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.store import insert_rows
from services.payments.tables import PAYEES, READ_LOG
from shared.auth import Person
from shared.privacy import FieldCipher, log_reads

FIELDS = ("name", "account", "code", "town")
REASON = "reason"  # of a change, sealed with it
_SEALED = text("""
    SELECT p.partner, p.payee_id, p.kind, coalesce(c.sealed, p.sealed),
           coalesce(c.version, p.version)
    FROM payees p JOIN
        unnest(CAST(:partners AS text[]), CAST(:ids AS text[])) AS n (partner, payee_id)
        USING (partner, payee_id)
    LEFT JOIN LATERAL (
        SELECT sealed, version FROM payee_changes
        WHERE partner = p.partner AND payee_id = p.payee_id
            AND state = 'confirmed' AND in_force_from <= :day
        ORDER BY version DESC LIMIT 1
    ) c ON true
""")


@dataclass(frozen=True, slots=True)
class Details:
    """What is sealed of a payee."""

    name: str
    account: str
    code: str | None
    town: str | None
    country: str | None


@dataclass(frozen=True, slots=True)
class NewPayee:
    """A payee to keep."""

    partner: str
    payee_id: str
    kind: str
    details: Details
    account_shown: str


@dataclass(frozen=True, slots=True)
class OpenPayee:
    """A payee as read, opened: the version in force on a day."""

    payee_id: str
    kind: str
    details: Details
    version: int


def cipher_of(session: AsyncSession) -> FieldCipher:
    """The cipher of the process, made once for all its sessions."""
    settings = session.info["settings"]
    found = _CIPHERS.get(id(settings))
    if found is None:
        found = _CIPHERS[id(settings)] = FieldCipher.of(settings)
    return found


_CIPHERS: dict[int, FieldCipher] = {}


async def read_payees(
    session: AsyncSession,
    payees: Iterable[tuple[str, str]],
    *,
    day: date,
    reader: Person,
    reason: str,
    now: datetime,
) -> dict[tuple[str, str], OpenPayee]:
    """Names and accounts in force on a day; who reads them and why is written down with it."""
    found = await opened_payees(session, sorted(set(payees)), day=day)
    await log_reads(
        session,
        READ_LOG,
        reader=reader,
        subject_refs=(payee_id for _, payee_id in found),
        fields=FIELDS,
        reason=reason,
        now=now,
    )
    return found


async def opened_payees(
    session: AsyncSession, keys: Sequence[tuple[str, str]], *, day: date
) -> dict[tuple[str, str], OpenPayee]:
    """Payees as in force on a day, to compare with what comes in; not to be shown to anybody."""
    cipher = cipher_of(session)
    values = {"partners": [p for p, _ in keys], "ids": [i for _, i in keys], "day": day}
    found = {}
    for row in await session.execute(_SEALED, values):
        opened = json.loads(cipher.open(row[3]))
        opened.pop(REASON, None)
        found[row[0], row[1]] = OpenPayee(row[1], row[2], Details(**opened), row[4])
    return found


async def insert_payees(
    session: AsyncSession, payees: Iterable[NewPayee], *, by: str, now: datetime
) -> int:
    """Write new payees, sealed; gives how many were not there yet."""
    cipher = cipher_of(session)
    rows = [
        (
            p.partner,
            p.payee_id,
            p.kind,
            1,
            cipher.seal(json.dumps(asdict(p.details), ensure_ascii=False)),
            p.account_shown,
            by,
            now,
        )
        for p in sorted(payees, key=lambda p: (p.partner, p.payee_id))
    ]
    new = await insert_rows(session, PAYEES, rows, "ON CONFLICT DO NOTHING RETURNING payee_id")
    return len(new)
