"""Rows of payees: sealed at rest, opened in one place only."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.store import insert_rows
from services.payments.tables import PAYEES, READ_LOG
from shared.auth import Person
from shared.privacy import FieldCipher, log_reads

FIELDS = ("name", "account", "code", "town")
_SEALED = text("""
    SELECT partner, payee_id, kind, sealed FROM payees JOIN
        unnest(CAST(:partners AS text[]), CAST(:ids AS text[])) AS n (partner, payee_id)
        USING (partner, payee_id)
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
    """A payee as read, opened."""

    payee_id: str
    kind: str
    details: Details


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
    reader: Person,
    reason: str,
    now: datetime,
) -> dict[tuple[str, str], OpenPayee]:
    """Names and accounts by partner and id; who reads them and why is written down with it."""
    asked = sorted(set(payees))
    values = {"partners": [p for p, _ in asked], "ids": [i for _, i in asked]}
    cipher = cipher_of(session)
    found = {}
    for row in await session.execute(_SEALED, values):
        details = Details(**json.loads(cipher.open(row[3])))
        found[row[0], row[1]] = OpenPayee(row[1], row[2], details)
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


async def known_details(
    session: AsyncSession, payees: Sequence[NewPayee]
) -> Mapping[tuple[str, str], tuple[str, Details]]:
    """Kind and details of payees that are there already, to compare with what comes in."""
    cipher = cipher_of(session)
    values = {"partners": [p.partner for p in payees], "ids": [p.payee_id for p in payees]}
    return {
        (row[0], row[1]): (row[2], Details(**json.loads(cipher.open(row[3]))))
        for row in await session.execute(_SEALED, values)
    }


async def insert_payees(
    session: AsyncSession, payees: Iterable[NewPayee], *, by: str, now: datetime
) -> None:
    """Write new payees, sealed."""
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
    await insert_rows(session, PAYEES, rows)
