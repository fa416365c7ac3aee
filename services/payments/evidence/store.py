"""Rows of evidence claimed in the country, and the facts told of this cell's own claims."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Text

from services.payments.evidence import domain
from services.payments.evidence.domain import Claim, Standing
from services.payments.evidence.tables import EVIDENCE_CLAIMS
from services.payments.settings import Settings
from services.payments.store import insert_rows
from shared.contracts.evidence import EvidenceClaimed, EvidenceFact, EvidenceReleased
from shared.privacy import Pseudonyms

CLAIMS_PER_FACT_MAX = 1_000

_HELD = text("""
    SELECT evidence_ref, source FROM evidence_claims
    WHERE evidence_ref = ANY(:refs) AND standing = 'first'
""").bindparams(bindparam("refs", type_=ARRAY(Text)))
_KNOWN = text("""
    SELECT order_id, evidence_ref, standing FROM evidence_claims WHERE order_id = ANY(:ids)
""").bindparams(bindparam("ids", type_=ARRAY(Text)))
_FIRST = text("""
    SELECT order_id, count(*) FROM evidence_claims
    WHERE order_id = ANY(:ids) AND standing = 'first' GROUP BY order_id
""").bindparams(bindparam("ids", type_=ARRAY(Text)))
_LIVE = text("""
    SELECT o.order_id, c.digest FROM orders o JOIN claims c USING (claim_id)
    WHERE o.order_id > :after AND c.digest IS NOT NULL AND o.evidence IS NOT NULL
        AND o.state NOT IN ('returned', 'cancelled')
    ORDER BY o.order_id LIMIT :limit
""")
_RELEASED = "ON CONFLICT (order_id, evidence_ref) DO UPDATE SET standing = 'released'"


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


def claimed(session: AsyncSession, orders: Mapping[str, bytes]) -> list[EvidenceFact]:
    """What is told of orders that stand on evidence of these digests."""
    refs = refs_of(session, orders.values())
    return _facts(EvidenceClaimed, {key: refs[digest] for key, digest in orders.items()})


async def released(session: AsyncSession, orders: Mapping[str, bytes]) -> list[EvidenceFact]:
    """What is told of orders whose evidence may be claimed again.

    It is told under every key under which their claims were told, also one that is no longer here;
    what another order came before holds nothing.
    """
    found = await known(session, orders)
    refs = refs_of(session, orders.values())
    free: dict[str, list[str]] = {key: list(refs[digest]) for key, digest in orders.items()}
    for order_id, ref in found:
        if ref not in free[order_id]:
            free[order_id].append(ref)
    for (order_id, ref), standing in found.items():
        if standing == Standing.LATE:
            free[order_id].remove(ref)
    return _facts(EvidenceReleased, free)


def _facts(kind: type[EvidenceFact], orders: Mapping[str, Sequence[str]]) -> list[EvidenceFact]:
    """One fact a shelf, more where it is full: a bulk of claims tells sixteen, not thousands."""
    shelves: dict[str, list[dict[str, str | int]]] = defaultdict(list)
    for order_id, refs in orders.items():
        for ref in refs:
            claim: dict[str, str | int] = {
                "evidence_ref": ref,
                "order_id": order_id,
                "keys": len(refs),
            }
            shelves[ref[ref.index(":") + 1]].append(claim)
    return [
        kind.model_validate({"shelf": shelf, "claims": claims[start : start + CLAIMS_PER_FACT_MAX]})
        for shelf, claims in sorted(shelves.items())
        for start in range(0, len(claims), CLAIMS_PER_FACT_MAX)
    ]


async def live_orders(session: AsyncSession, *, after: str, limit: int) -> dict[str, bytes]:
    """Orders that stand on evidence and were not given back, by id, with its digest."""
    rows = await session.execute(_LIVE, {"after": after, "limit": limit})
    return {row[0]: bytes(row[1]) for row in rows}


async def held_elsewhere(session: AsyncSession, digests: Iterable[bytes]) -> set[bytes]:
    """Which of this evidence another cell holds under any key, as far as this one has heard."""
    if not settings_of(session).several_cells_pay:
        return set()
    refs = refs_of(session, digests)
    holders = await held(session, (ref for of_one in refs.values() for ref in of_one))
    own = session.info["source"]
    return {
        digest
        for digest, of_one in refs.items()
        if any(holders.get(ref, own) != own for ref in of_one)
    }


async def held(session: AsyncSession, refs: Iterable[str]) -> dict[str, str]:
    """The source of the first claim on each piece of evidence that has one."""
    rows = await session.execute(_HELD, {"refs": sorted(set(refs))})
    return {row[0]: row[1] for row in rows}


async def known(session: AsyncSession, order_ids: Iterable[str]) -> dict[tuple[str, str], str]:
    """How these orders stand that were told of before, by order and evidence."""
    rows = await session.execute(_KNOWN, {"ids": sorted(set(order_ids))})
    return {(row[0], row[1]): row[2] for row in rows}


async def first_under_all(session: AsyncSession, keys: Mapping[str, int]) -> list[str]:
    """Of these orders those that came first under as many keys as they were told under."""
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
