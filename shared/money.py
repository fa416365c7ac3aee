"""Money is whole euro cents in `int`; nothing here is a float or a Decimal."""

import re

from shared.errors import Invalid

_EURO = re.compile(r"^(\d{1,11})(?:\.(\d{1,2}))?$", re.ASCII)


class BadAmount(Invalid):
    """An amount is written as euros with at most two decimals, for example 212.40."""

    code = "bad-amount"


def split_esf(cents: int, *, share_permille: int = 850) -> tuple[int, int]:
    """Split a line into the fund's part, rounded half up, and the state's part, the rest.

    Both are cents and their sum is the line. Source: MK 460, 85 % and 15 %.
    """
    esf = (cents * share_permille * 2 + 1000) // 2000
    return esf, cents - esf


def euro(cents: int) -> str:
    """Write cents as euros with two decimals: 21240 is 212.40, -5 is -0.05."""
    sign = "-" if cents < 0 else ""
    whole, rest = divmod(abs(cents), 100)
    return f"{sign}{whole}.{rest:02d}"


def parse_euro(text: str) -> int:
    """Read euros with at most two decimals into cents; anything else is `bad-amount`."""
    found = _EURO.match(text)
    if found is None:
        raise BadAmount(text=text)
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))
