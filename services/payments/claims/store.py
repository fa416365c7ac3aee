"""Rows of claims and their evidence, and who may be paid."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import RowMapping, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Text

from services.payments.claims.evidence import ClaimLine
from services.payments.evidence.domain import Piece, Taken
from services.payments.refusals import LineRefused
from services.payments.tables import CLAIMS
from shared.db import copy_rows
from shared.rows import one_text

_PAID = text("""
    SELECT digest, false FROM claims WHERE digest = ANY(ARRAY(
        SELECT decode(asked, 'hex') FROM unnest(string_to_array(:digests, ' ')) AS asked
    )) AND state = 'accepted'
    UNION ALL
    SELECT DISTINCT paper, true FROM claims WHERE paper = ANY(ARRAY(
        SELECT decode(asked, 'hex') FROM unnest(string_to_array(:digests, ' ')) AS asked
    )) AND state = 'accepted'
""")
_LINE_OF = text("""
    SELECT EXISTS (SELECT FROM claims WHERE paper = ANY(ARRAY(
        SELECT decode(asked, 'hex') FROM unnest(string_to_array(:digests, ' ')) AS asked
    )) AND state = 'accepted')
""")
_LET_GO = text("DELETE FROM claims WHERE claim_id = ANY(:ids)").bindparams(
    bindparam("ids", type_=ARRAY(Text))
)
_TAKEN = text("SELECT claim_id FROM claims WHERE claim_id = ANY(:ids)").bindparams(
    bindparam("ids", type_=ARRAY(Text))
)
_KINDS = text("""
    SELECT partner, payee_id, kind FROM payees JOIN
        unnest(CAST(:partners AS text[]), CAST(:ids AS text[])) AS n (partner, payee_id)
        USING (partner, payee_id)
""")
_RETURN = text("""
    UPDATE claims SET state = 'returned' WHERE claim_id = ANY(:ids)
    RETURNING order_id, digest, paper
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
    SELECT order_id, digest, paper FROM claims WHERE claim_id = ANY(:ids) AND digest IS NOT NULL
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
    paper: bytes | None


class PaidByLine(Exception):
    """Meanwhile somebody else claimed a line of a paper that is claimed as a whole here."""


async def insert_claims(session: AsyncSession, claims: Sequence[ClaimRow], now: datetime) -> None:
    """Write claims, by digest, so that two batches with the same evidence wait in one order.

    Raises IntegrityError or PaidByLine where somebody else was paid on the same paper meanwhile.
    """
    papers = {claim.paper for claim in claims if claim.paper is not None}
    rows = [*claims, *_places_of(papers, now)]
    rows.sort(key=lambda claim: (claim.digest or b"", claim.claim_id))
    await copy_rows(session, CLAIMS.name, ClaimRow._fields, rows)
    await _let_go(session, papers)
    whole = (claim.digest for claim in claims if claim.digest and claim.paper is None)
    await check_not_by_line(session, whole)


async def hold_papers(session: AsyncSession, papers: Iterable[bytes], now: datetime) -> None:
    """Let nobody claim these papers as a whole before this transaction has ended.

    Raises IntegrityError where one is. Two transactions do not see each other's claims, so the
    lines of a paper take the place a claim on the whole would have in the unique index, and give
    it back at once: until the end of the transaction whoever wants it waits, and looks again.
    """
    places = _places_of(papers, now)
    await copy_rows(session, CLAIMS.name, ClaimRow._fields, places)
    await _let_go(session, (place.digest for place in places if place.digest))


async def check_not_by_line(session: AsyncSession, digests: Iterable[bytes]) -> None:
    """Look once more, after these papers were claimed as a whole; raises PaidByLine."""
    asked = one_text(digest.hex() for digest in digests)
    if asked and await session.scalar(_LINE_OF, {"digests": asked}):
        raise PaidByLine


def _places_of(papers: Iterable[bytes], now: datetime) -> list[ClaimRow]:
    """What holds the place of a claim on each paper; its id is none a claim can have."""
    return [
        ClaimRow(
            claim_id=_place(paper),
            plan_id="",
            partner="",
            school_id="",
            state="accepted",
            entered_by="",
            asked_cents=0,
            submitted="",
            digest=paper,
            order_id="",
            code=None,
            explanation=None,
            entered_at=now,
            paper=None,
        )
        for paper in sorted(papers)
    ]


def _place(paper: bytes) -> str:
    return f"={paper.hex()}"


async def _let_go(session: AsyncSession, papers: Iterable[bytes]) -> None:
    if ids := [_place(paper) for paper in papers]:
        await session.execute(_LET_GO, {"ids": ids})


async def paid(session: AsyncSession, digests: Iterable[bytes]) -> Taken:
    """What of this evidence has been paid, and which papers by line."""
    taken = Taken()
    if asked := one_text(digest.hex() for digest in sorted(set(digests))):
        for digest, by_line in await session.execute(_PAID, {"digests": asked}):
            (taken.in_lines if by_line else taken.pieces).add(digest)
    return taken


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


async def set_returned(session: AsyncSession, claim_ids: Iterable[str]) -> dict[str, Piece]:
    """Claims whose money came back; their evidence, by order, may be claimed again."""
    rows = await session.execute(_RETURN, {"ids": sorted(claim_ids)})
    return {row[0]: Piece(row[1], row[2]) for row in rows if row[1] is not None}


async def set_cancelled(session: AsyncSession, codes: Mapping[str, str | None]) -> None:
    """Claims whose order was taken back, and why; their evidence may be claimed again."""
    await session.execute(_CANCEL, {"ids": list(codes), "codes": list(codes.values())})


async def refuse(
    session: AsyncSession, claim_ids: Iterable[str], why: LineRefused
) -> dict[str, int]:
    """Refuse claims that had been accepted; gives what each asked for, in cents."""
    values = {"ids": sorted(claim_ids), "code": why.code, "explanation": explanation(why)}
    return {row[0]: row[1] for row in await session.execute(_REFUSE, values)}


async def pieces_of_orders(session: AsyncSession, claim_ids: Iterable[str]) -> dict[str, Piece]:
    """The evidence on which the orders of these claims stand, by order."""
    rows = await session.execute(_DIGESTS, {"ids": sorted(claim_ids)})
    return {row[0]: Piece(row[1], row[2]) for row in rows}


def explanation(reason: LineRefused | None) -> str | None:
    """What a claim's row keeps of why it was refused or cut."""
    if reason is None:
        return None
    return json.dumps({"message": reason.sentence, **reason.details}, ensure_ascii=False)


async def claim(session: AsyncSession, claim_id: str) -> RowMapping | None:
    """One claim."""
    rows = await session.execute(select(CLAIMS).where(CLAIMS.c.claim_id == claim_id))
    return rows.mappings().first()
