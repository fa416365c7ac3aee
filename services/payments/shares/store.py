"""Rows of what cells told each other of pupils' months."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Text

from services.payments.ledger.domain import MonthKey
from services.payments.shares.domain import Asks, Gift
from services.payments.shares.tables import MONTH_ASKS, MONTH_GIFTS
from services.payments.store import insert_rows, overwrite

_BOTH = {"pupils": ARRAY(Text), "months": ARRAY(Text)}
_ASKS = text("""
    SELECT pupil_ref, month, source, version, place FROM month_asks
    WHERE pupil_ref = ANY(:pupils) AND month = ANY(:months)
""").bindparams(*(bindparam(name, type_=kind) for name, kind in _BOTH.items()))
_GIFTS = text("""
    SELECT pupil_ref, month, source, partner, version, cents FROM month_gifts
    WHERE pupil_ref = ANY(:pupils) AND month = ANY(:months)
""").bindparams(*(bindparam(name, type_=kind) for name, kind in _BOTH.items()))
_LOCK_KNOWN = text("""
    SELECT 1 FROM beneficiaries WHERE about_key = ANY(:keys) ORDER BY about_key FOR UPDATE
""").bindparams(bindparam("keys", type_=ARRAY(Text)))
_KEEP_ASK = overwrite(MONTH_ASKS, ("version", "place"))
_KEEP_GIFT = overwrite(MONTH_GIFTS, ("version", "cents"))

GiftKey = tuple[str, str, str, str]
"""Pupil, month, the cell that gave, the partner it gave to."""


async def lock_known(session: AsyncSession, pupils: Iterable[str]) -> None:
    """Take the rows of pupils this cell has to do with, in key order; it learns of no others.

    Whoever is entered meanwhile asks for months only after what is being heard now.
    """
    await session.execute(_LOCK_KNOWN, {"keys": sorted(set(pupils))})


async def asks(session: AsyncSession, keys: Iterable[MonthKey]) -> dict[MonthKey, Asks]:
    """Who asked for each of these months so far."""
    found = {key: Asks() for key in keys}
    for pupil_ref, month, source, version, place in await session.execute(_ASKS, _values(found)):
        of_month = found.setdefault((pupil_ref, month), Asks())
        of_month.versions[source], of_month.places[source] = version, place
    return found


async def keep_asks(session: AsyncSession, found: Mapping[MonthKey, Asks]) -> None:
    """Keep who asked, of each cell the last."""
    rows = [
        (*key, source, version, of_month.places[source])
        for key, of_month in sorted(found.items())
        for source, version in sorted(of_month.versions.items())
    ]
    await insert_rows(session, MONTH_ASKS, rows, _KEEP_ASK)


async def gifts(session: AsyncSession, keys: Iterable[MonthKey]) -> dict[GiftKey, Gift]:
    """What was handed over of these months, from here and to here."""
    rows = await session.execute(_GIFTS, _values(keys))
    return {tuple(row[:4]): Gift((row[0], row[1]), *row[2:]) for row in rows}


async def keep_gifts(session: AsyncSession, gifts: Sequence[Gift]) -> None:
    """Keep what was handed over, all times together."""
    rows = [(*gift.key, *gift[1:]) for gift in sorted(gifts)]
    await insert_rows(session, MONTH_GIFTS, rows, _KEEP_GIFT)


def _values(keys: Iterable[MonthKey]) -> dict[str, list[str]]:
    """Pupils and months as parameters; more may be found than was asked for."""
    both = list(keys)
    return {"pupils": sorted({key[0] for key in both}), "months": sorted({key[1] for key in both})}
