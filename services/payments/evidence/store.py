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
from shared.contracts.payments import EvidenceClaimed, EvidenceFact, EvidenceReleased
from shared.privacy import Pseudonyms

CLAIMS_PER_FACT_MAX = 1_000

_HELD = text("""
    SELECT evidence_ref, source FROM evidence_claims
    WHERE evidence_ref = ANY(:refs) AND standing = 'first'
""").bindparams(bindparam("refs", type_=ARRAY(Text)))
_KNOWN = text("SELECT order_id FROM evidence_claims WHERE order_id = ANY(:ids)").bindparams(
    bindparam("ids", type_=ARRAY(Text))
)
_RELEASED = "ON CONFLICT (order_id) DO UPDATE SET standing = 'released'"


def settings_of(session: AsyncSession) -> Settings:
    """The settings of the process, which say whether other cells pay too."""
    settings: Settings = session.info["settings"]
    return settings


def of_new_order(session: AsyncSession) -> str:
    """What an order made now knows of its evidence."""
    return domain.of_new_order(several_cells=settings_of(session).several_cells_pay)


def refs_of(session: AsyncSession, digests: Iterable[bytes]) -> dict[bytes, str]:
    """The references under which the country knows evidence of these digests."""
    settings = settings_of(session)
    key = settings.evidence_key.get_secret_value().encode()
    names = Pseudonyms(key, version=settings.evidence_key_version)
    return {digest: names.evidence_ref(digest) for digest in digests}


def claimed(session: AsyncSession, orders: Mapping[str, bytes]) -> list[EvidenceFact]:
    """What is told of orders that stand on evidence of these digests."""
    return _facts(session, EvidenceClaimed, orders)


def released(session: AsyncSession, orders: Mapping[str, bytes]) -> list[EvidenceFact]:
    """What is told of orders whose evidence may be claimed again."""
    return _facts(session, EvidenceReleased, orders)


def _facts(
    session: AsyncSession, kind: type[EvidenceFact], orders: Mapping[str, bytes]
) -> list[EvidenceFact]:
    """One fact a shelf, more where it is full: a bulk of claims tells sixteen, not thousands."""
    refs = refs_of(session, orders.values())
    shelves: dict[str, list[dict[str, str]]] = defaultdict(list)
    for order_id, digest in orders.items():
        ref = refs[digest]
        shelves[ref[ref.index(":") + 1]].append({"evidence_ref": ref, "order_id": order_id})
    return [
        kind.model_validate({"shelf": shelf, "claims": claims[start : start + CLAIMS_PER_FACT_MAX]})
        for shelf, claims in sorted(shelves.items())
        for start in range(0, len(claims), CLAIMS_PER_FACT_MAX)
    ]


async def held_elsewhere(session: AsyncSession, digests: Iterable[bytes]) -> set[bytes]:
    """Which of this evidence another cell holds, as far as this one has heard."""
    if not settings_of(session).several_cells_pay:
        return set()
    refs = refs_of(session, digests)
    holders = await held(session, refs.values())
    own = session.info["source"]
    return {digest for digest, ref in refs.items() if holders.get(ref, own) != own}


async def held(session: AsyncSession, refs: Iterable[str]) -> dict[str, str]:
    """The source of the first claim on each piece of evidence that has one."""
    rows = await session.execute(_HELD, {"refs": sorted(set(refs))})
    return {row[0]: row[1] for row in rows}


async def known(session: AsyncSession, order_ids: Iterable[str]) -> set[str]:
    """Which of these orders were told of before."""
    return set(await session.scalars(_KNOWN, {"ids": sorted(set(order_ids))}))


async def keep(session: AsyncSession, standing: Sequence[tuple[Claim, Standing]]) -> None:
    """Keep how claims stand."""
    await insert_rows(session, EVIDENCE_CLAIMS, [_row(*one) for one in standing])


async def release(session: AsyncSession, claims: Iterable[Claim]) -> None:
    """The evidence of these orders has no first any more; one never heard of is kept as past."""
    rows = {claim.order_id: _row(claim, Standing.RELEASED) for claim in claims}
    await insert_rows(session, EVIDENCE_CLAIMS, [rows[key] for key in sorted(rows)], _RELEASED)


def _row(claim: Claim, standing: Standing) -> tuple[object, ...]:
    """A claim as its row, in the order of the table's columns."""
    return claim.order_id, claim.evidence_ref, claim.source, standing.value, claim.at
