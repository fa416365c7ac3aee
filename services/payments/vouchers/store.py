"""Rows of vouchers: issued under new numbers, looked up, held, moved."""

import os
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import RowMapping, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Text

from services.payments.vouchers.domain import (
    NUMBER_BYTES,
    Voucher,
    number_of,
    plain_number,
)
from shared.db import copy_rows

ISSUED = (
    *("voucher_no", "batch_id", "partner", "school_id", "plan_id", "measure_id", "pupil_ref"),
    *("month", "expires_on", "cents", "state", "issued_by", "issued_at"),
)
_VOUCHER = """
    SELECT v.voucher_no, v.batch_id, v.partner, v.school_id, v.plan_id, v.measure_id, v.pupil_ref,
           v.month, v.expires_on, v.cents, v.state, v.served_on, v.payee_id,
           EXISTS (SELECT 1 FROM claimed_days c WHERE c.held_by = v.voucher_no)
    FROM vouchers v
"""
_LOOK = text(_VOUCHER + "WHERE v.voucher_no = ANY(:numbers) ORDER BY v.voucher_no").bindparams(
    bindparam("numbers", type_=ARRAY(Text))
)
_LOCK_PUPILS = text("""
    SELECT about_key FROM beneficiaries
    WHERE about_key IN (SELECT pupil_ref FROM vouchers WHERE voucher_no = ANY(:numbers))
    ORDER BY about_key FOR UPDATE
""").bindparams(bindparam("numbers", type_=ARRAY(Text)))
_OVERDUE = text("""
    SELECT voucher_no FROM vouchers
    WHERE state IN ('issued', 'active') AND expires_on < :today
        AND (CAST(:partner AS text) IS NULL OR partner = :partner)
    ORDER BY voucher_no LIMIT :limit
""")
_OUTSTANDING = text("""
    SELECT v.plan_id, v.measure_id, v.month, sum(v.cents)::bigint FROM vouchers v
    WHERE v.plan_id = ANY(:plans) AND (v.state IN ('issued', 'active')
        OR v.state = 'redeemed' AND EXISTS
            (SELECT 1 FROM claimed_days c WHERE c.held_by = v.voucher_no))
    GROUP BY v.plan_id, v.measure_id, v.month
""").bindparams(bindparam("plans", type_=ARRAY(Text)))
_ACTIVATE = text("""
    UPDATE vouchers SET state = 'active', activated_by = :by, activated_at = :at
    WHERE voucher_no = ANY(:numbers)
""").bindparams(bindparam("numbers", type_=ARRAY(Text)))
_VOID = text("""
    UPDATE vouchers SET state = :state, voided_by = :by, voided_at = :at
    WHERE voucher_no = ANY(:numbers)
""").bindparams(bindparam("numbers", type_=ARRAY(Text)))
_REDEEM = text("""
    UPDATE vouchers v SET state = 'redeemed', served_on = n.day, payee_id = n.payee_id,
        redeemed_by = :by, redeemed_at = :at
    FROM unnest(CAST(:numbers AS text[]), CAST(:days AS date[]), CAST(:payees AS text[]))
         AS n (voucher_no, day, payee_id)
    WHERE v.voucher_no = n.voucher_no
""")
_LIST = text("""
    SELECT v.*, p.plan_code FROM vouchers v JOIN plans p USING (plan_id)
    WHERE v.partner = :partner AND (CAST(:batch_id AS text) IS NULL OR v.batch_id = :batch_id)
        AND (CAST(:state AS text) IS NULL OR v.state = :state) AND v.voucher_no > :after
    ORDER BY v.voucher_no LIMIT :limit
""")


def new_numbers(count: int) -> list[str]:
    """Numbers nobody can guess; that two are the same, the table's key rules out."""
    return [number_of(os.urandom(NUMBER_BYTES)) for _ in range(count)]


async def add(session: AsyncSession, rows: Sequence[Sequence[object]]) -> None:
    """Write new vouchers, given in the order of ISSUED."""
    await copy_rows(session, "vouchers", ISSUED, rows)


async def vouchers(session: AsyncSession, numbers: Iterable[str]) -> dict[str, Voucher]:
    """Vouchers by the number as it was typed."""
    typed = {number: plain_number(number) for number in numbers}
    rows = await session.execute(_LOOK, {"numbers": sorted(set(typed.values()))})
    found = {row[0]: Voucher(*row) for row in rows}
    return {number: found[plain] for number, plain in typed.items() if plain in found}


async def held(session: AsyncSession, numbers: Iterable[str]) -> dict[str, Voucher]:
    """Vouchers by number, the rows of their pupils held: nobody else moves them meanwhile."""
    asked = sorted({plain_number(number) for number in numbers})
    await session.execute(_LOCK_PUPILS, {"numbers": asked})
    return await vouchers(session, asked)


async def overdue(
    session: AsyncSession, partner: str | None, *, today: date, limit: int
) -> list[str]:
    """Numbers of vouchers (of an office) that were not handed in in time."""
    values = {"partner": partner, "today": today, "limit": limit}
    return list(await session.scalars(_OVERDUE, values))


async def outstanding(
    session: AsyncSession, plan_ids: Iterable[str]
) -> dict[tuple[str, str, str], int]:
    """What vouchers of plans are worth that may still be paid, by plan, measure and month."""
    rows = await session.execute(_OUTSTANDING, {"plans": sorted(set(plan_ids))})
    return {(row[0], row[1], row[2]): row[3] for row in rows}


async def activate(session: AsyncSession, numbers: Sequence[str], *, by: str, at: datetime) -> None:
    """Set vouchers active."""
    await session.execute(_ACTIVATE, {"numbers": list(numbers), "by": by, "at": at})


async def void(
    session: AsyncSession, numbers: Sequence[str], *, state: str, by: str, at: datetime
) -> None:
    """Set vouchers expired or cancelled."""
    values = {"numbers": list(numbers), "state": state, "by": by, "at": at}
    await session.execute(_VOID, values)


async def redeem(
    session: AsyncSession, rows: Sequence[tuple[str, date, str]], *, by: str, at: datetime
) -> None:
    """Set vouchers redeemed, given as number, day of the meal and caterer."""
    if rows:
        numbers, days, payees = (list(column) for column in zip(*rows, strict=True))
        values = {"numbers": numbers, "days": days, "payees": payees, "by": by, "at": at}
        await session.execute(_REDEEM, values)


async def page(
    session: AsyncSession,
    partner: str,
    *,
    batch_id: str | None,
    state: str | None,
    after: str,
    limit: int,
) -> list[RowMapping]:
    """Vouchers of a partner by number, page by page, with the codes of their plans."""
    values = {"partner": partner, "batch_id": batch_id, "state": state}
    rows = await session.execute(_LIST, {**values, "after": after, "limit": limit})
    return list(rows.mappings())
