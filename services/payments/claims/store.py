"""Rows of claims and their evidence, and who may be paid."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import RowMapping, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Text

from services.payments.claims.evidence import ClaimLine
from services.payments.refusals import LineRefused
from services.payments.tables import CLAIMS
from shared.db import copy_rows
from shared.rows import one_text

_PAID = text("""
    SELECT digest FROM claims WHERE digest = ANY(ARRAY(
        SELECT decode(asked, 'hex') FROM unnest(string_to_array(:digests, ' ')) AS asked
    )) AND state = 'accepted'
""")
_TAKEN = text("SELECT claim_id FROM claims WHERE claim_id = ANY(:ids)").bindparams(
    bindparam("ids", type_=ARRAY(Text))
)
_KINDS = text("""
    SELECT partner, payee_id, kind FROM payees JOIN
        unnest(CAST(:partners AS text[]), CAST(:ids AS text[])) AS n (partner, payee_id)
        USING (partner, payee_id)
""")
_RETURN = text("""
    UPDATE claims SET state = 'returned' WHERE claim_id = ANY(:ids) RETURNING order_id, digest
""").bindparams(bindparam("ids", type_=ARRAY(Text)))


_CANCEL = text("""
    UPDATE claims c SET state = 'cancelled', code = n.code
    FROM unnest(CAST(:ids AS text[]), CAST(:codes AS text[])) AS n (claim_id, code)
    WHERE c.claim_id = n.claim_id
""")
_REFUSE = text("""
    UPDATE claims SET state = 'refused', order_id = NULL, code = :code,
        explanation = CAST(:explanation AS jsonb)
    WHERE claim_id = ANY(:ids)
    RETURNING claim_id, asked_cents
""").bindparams(bindparam("ids", type_=ARRAY(Text)))
_DIGESTS = text("""
    SELECT order_id, digest FROM claims WHERE claim_id = ANY(:ids) AND digest IS NOT NULL
""").bindparams(bindparam("ids", type_=ARRAY(Text)))

_ANSWERED = text("""
    SELECT c.claim_id, c.submitted, c.state, c.entered_by, c.order_id, c.code, c.explanation,
           o.cents
    FROM claims c LEFT JOIN orders o ON o.order_id = c.order_id WHERE c.claim_id = ANY(:ids)
""").bindparams(bindparam("ids", type_=ARRAY(Text)))


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
    digests_asked = one_text(digest.hex() for digest in asked)
    return set(await session.scalars(_PAID, {"digests": digests_asked})) if asked else set()


async def taken_ids(session: AsyncSession, claim_ids: Iterable[str]) -> set[str]:
    """Which of these claim ids are used."""
    asked = sorted(set(claim_ids))
    return set(await session.scalars(_TAKEN, {"ids": asked})) if asked else set()


async def answered(session: AsyncSession, claim_ids: Iterable[str]) -> dict[str, RowMapping]:
    """Claims that were answered before, with what a new answer needs."""
    rows = await session.execute(_ANSWERED, {"ids": sorted(set(claim_ids))})
    return {row["claim_id"]: row for row in rows.mappings()}


def submitted(claim: ClaimLine) -> str:
    """A claim as it was submitted, as its row keeps it."""
    written = claim.__pydantic_serializer__.to_json(claim, by_alias=True, exclude_none=True)
    return written.decode()


async def payee_kinds(
    session: AsyncSession, payees: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], str]:
    """The kinds of payees that exist, by partner and id."""
    asked = sorted(set(payees))
    values = {"partners": [p for p, _ in asked], "ids": [i for _, i in asked]}
    return {(row[0], row[1]): row[2] for row in await session.execute(_KINDS, values)}


async def set_returned(session: AsyncSession, claim_ids: Iterable[str]) -> dict[str, bytes]:
    """Claims whose money came back; their evidence, by order, may be claimed again."""
    rows = await session.execute(_RETURN, {"ids": sorted(claim_ids)})
    return {row[0]: bytes(row[1]) for row in rows if row[1] is not None}


async def set_cancelled(session: AsyncSession, codes: Mapping[str, str | None]) -> None:
    """Claims whose order was taken back, and why; their evidence may be claimed again."""
    await session.execute(_CANCEL, {"ids": list(codes), "codes": list(codes.values())})


async def refuse(
    session: AsyncSession, claim_ids: Iterable[str], why: LineRefused
) -> dict[str, int]:
    """Refuse claims that had been accepted; gives what each asked for, in cents."""
    values = {"ids": sorted(claim_ids), "code": why.code, "explanation": explanation(why)}
    return {row[0]: row[1] for row in await session.execute(_REFUSE, values)}


async def digests_of_orders(session: AsyncSession, claim_ids: Iterable[str]) -> dict[str, bytes]:
    """The digests of the evidence on which the orders of these claims stand, by order."""
    rows = await session.execute(_DIGESTS, {"ids": sorted(claim_ids)})
    return {row[0]: bytes(row[1]) for row in rows}


def explanation(reason: LineRefused | None) -> str | None:
    """What a claim's row keeps of why it was refused or cut."""
    if reason is None:
        return None
    return json.dumps({"message": reason.sentence, **reason.details}, ensure_ascii=False)


async def claim(session: AsyncSession, claim_id: str) -> RowMapping | None:
    """One claim."""
    rows = await session.execute(select(CLAIMS).where(CLAIMS.c.claim_id == claim_id))
    return rows.mappings().first()
