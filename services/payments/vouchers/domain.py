"""The life of a voucher for one meal: its states, the moves between them as a table. Pure."""

import base64
from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from shared.calendar import month_bounds
from shared.errors import Refused

NUMBER_BYTES = 10
"""80 bits of chance: nobody hits a number that was issued by trying."""
GROUP_LETTERS = 4


class VoucherState(StrEnum):
    """Where a voucher stands."""

    ISSUED = "issued"
    ACTIVE = "active"
    REDEEMED = "redeemed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class VoucherAction(StrEnum):
    """What can be done with a voucher."""

    ACTIVATE = "activate"
    REDEEM = "redeem"
    EXPIRE = "expire"
    CANCEL = "cancel"


MOVES: Mapping[tuple[VoucherState, VoucherAction], VoucherState] = {
    (VoucherState.ISSUED, VoucherAction.ACTIVATE): VoucherState.ACTIVE,
    (VoucherState.ISSUED, VoucherAction.CANCEL): VoucherState.CANCELLED,
    (VoucherState.ISSUED, VoucherAction.EXPIRE): VoucherState.EXPIRED,
    (VoucherState.ACTIVE, VoucherAction.REDEEM): VoucherState.REDEEMED,
    (VoucherState.ACTIVE, VoucherAction.CANCEL): VoucherState.CANCELLED,
    (VoucherState.ACTIVE, VoucherAction.EXPIRE): VoucherState.EXPIRED,
}
"""What is not here is refused: a meal that was eaten is neither cancelled nor does it expire."""


class WrongVoucherMove(Refused):
    """This cannot be done with a voucher in its present state."""

    code = "wrong-voucher-move"


class Voucher(NamedTuple):
    """One voucher as its row says; cents are what it is worth, `held` whether its day waits."""

    voucher_no: str
    batch_id: str
    partner: str
    school_id: str
    plan_id: str
    measure_id: str
    pupil_ref: str
    month: str
    expires_on: date
    cents: int
    state: str
    served_on: date | None
    payee_id: str | None
    waits_for_payment: bool = False


def moved(state: str, action: VoucherAction) -> VoucherState:
    """The state after an action; raises WrongVoucherMove."""
    key = VoucherState(state), action
    if key not in MOVES:
        raise WrongVoucherMove(field="voucher_no", state=state, action=action.value)
    return MOVES[key]


def number_of(chance: bytes) -> str:
    """The number printed on a voucher: sixteen letters and digits in groups of four."""
    letters = base64.b32encode(chance[:NUMBER_BYTES]).decode()
    groups = range(0, len(letters), GROUP_LETTERS)
    return "-".join(letters[start : start + GROUP_LETTERS] for start in groups)


def plain_number(text: str) -> str:
    """A number as somebody typed it: spaces, missing dashes and small letters do not matter."""
    letters = "".join(letter for letter in text.upper() if letter.isalnum())
    groups = range(0, len(letters), GROUP_LETTERS)
    return "-".join(letters[start : start + GROUP_LETTERS] for start in groups)


def last_day_of(month: str, valid_days: int) -> date:
    """The last day on which a caterer may hand in a voucher of a month."""
    return month_bounds(month)[1] + timedelta(days=valid_days)
