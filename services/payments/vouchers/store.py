"""Rows of vouchers: looked up by number, held, moved."""

from collections.abc import Iterable

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Text

from services.payments.vouchers.domain import Voucher, plain_number

_VOUCHERS = """
    SELECT v.voucher_no, v.batch_id, v.partner, v.school_id, v.plan_id, v.measure_id, v.pupil_ref,
           v.month, v.expires_on, v.cents, v.state, v.served_on, v.payee_id,
           EXISTS (SELECT 1 FROM claimed_days c WHERE c.held_by = v.voucher_no)
    FROM vouchers v WHERE v.voucher_no = ANY(:numbers) ORDER BY v.voucher_no
"""
_LOOK = text(_VOUCHERS).bindparams(bindparam("numbers", type_=ARRAY(Text)))


async def vouchers(session: AsyncSession, numbers: Iterable[str]) -> dict[str, Voucher]:
    """Vouchers by the number as it was typed."""
    typed = {plain_number(number): number for number in numbers}
    rows = await session.execute(_LOOK, {"numbers": sorted(typed)})
    return {typed[row[0]]: Voucher(*row) for row in rows}
