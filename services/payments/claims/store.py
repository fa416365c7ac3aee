"""Rows of claims and their evidence, and who may be paid."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import RowMapping, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import LargeBinary, Text

from services.payments.tables import CLAIMS
from shared.db import copy_rows

_PAID = text(
    "SELECT digest FROM claims WHERE digest = ANY(:digests) AND state = 'accepted'"
).bindparams(bindparam("digests", type_=ARRAY(LargeBinary)))
_TAKEN = text("SELECT claim_id FROM claims WHERE claim_id = ANY(:ids)").bindparams(
    bindparam("ids", type_=ARRAY(Text))
)
_KINDS = text("""
    SELECT partner, payee_id, kind FROM payees JOIN
        unnest(CAST(:partners AS text[]), CAST(:ids AS text[])) AS n (partner, payee_id)
        USING (partner, payee_id)
""")
_RETURN = text("UPDATE claims SET state = 'returned' WHERE claim_id = ANY(:ids)").bindparams(
    bindparam("ids", type_=ARRAY(Text))
)


class ClaimRow(NamedTuple):
    """A claim as its row, in the order of the table's columns."""

    claim_id: str
    plan_id: str
    partner: str
    school_id: str
    state: str
    entered_by: str
    asked_cents: int
    submitted: str
    digest: bytes | None
    order_id: str | None
    code: str | None
    explanation: str | None
    entered_at: datetime


async def insert_claims(session: AsyncSession, claims: Iterable[ClaimRow]) -> None:
    """Write claims, by digest, so that two batches with the same evidence wait in one order."""
    rows = sorted(claims, key=lambda claim: (claim.digest or b"", claim.claim_id))
    await copy_rows(session, CLAIMS.name, ClaimRow._fields, rows)


async def paid_digests(session: AsyncSession, digests: Iterable[bytes]) -> set[bytes]:
    """Which of this evidence has been paid."""
    asked = sorted(set(digests))
    return set(await session.scalars(_PAID, {"digests": asked})) if asked else set()


async def taken_ids(session: AsyncSession, claim_ids: Iterable[str]) -> set[str]:
    """Which of these claim ids are used."""
    asked = sorted(set(claim_ids))
    return set(await session.scalars(_TAKEN, {"ids": asked})) if asked else set()


async def payee_kinds(
    session: AsyncSession, payees: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], str]:
    """The kinds of payees that exist, by partner and id."""
    asked = sorted(set(payees))
    values = {"partners": [p for p, _ in asked], "ids": [i for _, i in asked]}
    return {(row[0], row[1]): row[2] for row in await session.execute(_KINDS, values)}


async def set_returned(session: AsyncSession, claim_ids: Iterable[str]) -> None:
    """Claims whose money came back; their evidence may be claimed again."""
    await session.execute(_RETURN, {"ids": sorted(claim_ids)})


async def claim(session: AsyncSession, claim_id: str) -> RowMapping | None:
    """One claim."""
    rows = await session.execute(select(CLAIMS).where(CLAIMS.c.claim_id == claim_id))
    return rows.mappings().first()
