"""Rows of evidence claimed in the country, and the facts told of this cell's own claims."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Text

from services.payments.evidence import domain
from services.payments.evidence.domain import Claim, Piece, Standing, Taken
from services.payments.evidence.tables import EVIDENCE_CLAIMS
from services.payments.settings import Settings
from services.payments.store import insert_rows
from shared.contracts.evidence import EvidenceClaimed, EvidenceFact, EvidenceReleased
from shared.privacy import Pseudonyms

CLAIMS_PER_FACT_MAX = 1_000

_HELD = text("""
    SELECT evidence_ref, source, false FROM evidence_claims
    WHERE evidence_ref = ANY(:refs) AND standing = 'first'
    UNION ALL
    SELECT DISTINCT evidence_ref, source, true FROM evidence_claims
    WHERE evidence_ref = ANY(:refs) AND standing = 'part'
""").bindparams(bindparam("refs", type_=ARRAY(Text)))
_KNOWN = text("""
    SELECT order_id, evidence_ref, standing FROM evidence_claims WHERE order_id = ANY(:ids)
""").bindparams(bindparam("ids", type_=ARRAY(Text)))
_FIRST = text("""
    SELECT order_id, count(*) FROM evidence_claims
    WHERE order_id = ANY(:ids) AND standing IN ('first', 'part') GROUP BY order_id
""").bindparams(bindparam("ids", type_=ARRAY(Text)))
_LIVE = text("""
    SELECT o.order_id, c.digest, c.paper FROM orders o JOIN claims c USING (claim_id)
    WHERE o.order_id > :after AND c.digest IS NOT NULL AND o.evidence IS NOT NULL
        AND o.state NOT IN ('returned', 'cancelled')
    ORDER BY o.order_id LIMIT :limit
""")
_RELEASED = "ON CONFLICT (order_id, evidence_ref) DO UPDATE SET standing = 'released'"


class Held(NamedTuple):
    """Evidence that is held, or a paper of which a line is, and by which cell."""

    evidence_ref: str
    source: str
    by_line: bool


def settings_of(session: AsyncSession) -> Settings:
    """The settings of the process, which say whether other cells pay too."""
    settings: Settings = session.info["settings"]
    return settings


def of_new_order(session: AsyncSession) -> str:
    """What an order made now knows of its evidence."""
    return domain.of_new_order(several_cells=settings_of(session).several_cells_pay)


def refs_of(session: AsyncSession, digests: Iterable[bytes]) -> dict[bytes, tuple[str, ...]]:
    """The references under which the country knows evidence of these digests, one for each key."""
    keys = settings_of(session).evidence_keys
    names = [Pseudonyms(key, version=version) for version, key in keys.items()]
    return {digest: tuple(name.evidence_ref(digest) for name in names) for digest in digests}


def claimed(session: AsyncSession, orders: Mapping[str, Piece]) -> list[EvidenceFact]:
    """What is told of orders that stand on these pieces of evidence."""
    return _facts(EvidenceClaimed, _told(session, orders))


def _told(session: AsyncSession, orders: Mapping[str, Piece]) -> dict[str, dict[str, bool]]:
    """The references under which orders are told, and whether each is the paper around a line."""
    refs = refs_of(session, {digest for piece in orders.values() for digest in piece if digest})
    told = {key: dict.fromkeys(refs[piece.digest], False) for key, piece in orders.items()}
    for key, piece in orders.items():
        if piece.paper is not None:
            told[key] |= dict.fromkeys(refs[piece.paper], True)
    return told


async def released(session: AsyncSession, orders: Mapping[str, Piece]) -> list[EvidenceFact]:
    """What is told of orders whose evidence may be claimed again.

    It is told under every key under which their claims were told, also one that is no longer here;
    what another order came before holds nothing.
    """
    found = await known(session, orders)
    free = _told(session, orders)
    for (order_id, ref), standing in found.items():
        free[order_id].setdefault(ref, standing == Standing.PART)
        if standing == Standing.LATE:
            del free[order_id][ref]
    return _facts(EvidenceReleased, free)


def _facts(
    kind: type[EvidenceFact], orders: Mapping[str, Mapping[str, bool]]
) -> list[EvidenceFact]:
    """One fact a shelf, more where it is full: a bulk of claims tells sixteen, not thousands."""
    shelves: dict[str, list[dict[str, str | int]]] = defaultdict(list)
    for order_id, refs in orders.items():
        for ref, by_line in refs.items():
            claim: dict[str, str | int] = {
                "evidence_ref": ref,
                "order_id": order_id,
                "keys": len(refs),
                "by_line": by_line,
            }
            shelves[ref[ref.index(":") + 1]].append(claim)
    return [
        kind.model_validate({"shelf": shelf, "claims": claims[start : start + CLAIMS_PER_FACT_MAX]})
        for shelf, claims in sorted(shelves.items())
        for start in range(0, len(claims), CLAIMS_PER_FACT_MAX)
    ]


async def live_orders(session: AsyncSession, *, after: str, limit: int) -> dict[str, Piece]:
    """Orders that stand on evidence and were not given back, by id, with its digests."""
    rows = await session.execute(_LIVE, {"after": after, "limit": limit})
    return {row[0]: Piece(row[1], row[2]) for row in rows}


async def held_elsewhere(session: AsyncSession, digests: Iterable[bytes]) -> Taken:
    """What of this evidence another cell holds under any key, as far as this one has heard."""
    if not settings_of(session).several_cells_pay:
        return Taken()
    refs = refs_of(session, digests)
    digest_of = {ref: digest for digest, of_one in refs.items() for ref in of_one}
    taken = Taken()
    for one in await held(session, digest_of):
        if one.source != session.info["source"]:
            (taken.in_lines if one.by_line else taken.pieces).add(digest_of[one.evidence_ref])
    return taken


async def held(session: AsyncSession, refs: Iterable[str]) -> list[Held]:
    """Who holds these pieces of evidence: each at most one, but of a paper many its lines."""
    rows = await session.execute(_HELD, {"refs": sorted(set(refs))})
    return [Held(*row) for row in rows]


async def known(session: AsyncSession, order_ids: Iterable[str]) -> dict[tuple[str, str], str]:
    """How these orders stand that were told of before, by order and evidence."""
    rows = await session.execute(_KNOWN, {"ids": sorted(set(order_ids))})
    return {(row[0], row[1]): row[2] for row in rows}


async def first_under_all(session: AsyncSession, keys: Mapping[str, int]) -> list[str]:
    """Of these orders those that came first under all references they were told under."""
    rows = await session.execute(_FIRST, {"ids": sorted(keys)})
    return [row[0] for row in rows if row[1] >= keys[row[0]]]


async def keep(session: AsyncSession, standing: Sequence[tuple[Claim, Standing]]) -> None:
    """Keep how claims stand."""
    await insert_rows(session, EVIDENCE_CLAIMS, [_row(*one) for one in standing])


async def release(session: AsyncSession, claims: Iterable[Claim]) -> None:
    """The evidence of these orders has no first any more; one never heard of is kept as past."""
    rows = {
        (claim.order_id, claim.evidence_ref): _row(claim, Standing.RELEASED) for claim in claims
    }
    await insert_rows(session, EVIDENCE_CLAIMS, [rows[key] for key in sorted(rows)], _RELEASED)


def _row(claim: Claim, standing: Standing) -> tuple[object, ...]:
    """A claim as its row, in the order of the table's columns."""
    return claim.order_id, claim.evidence_ref, claim.source, standing.value, claim.at
