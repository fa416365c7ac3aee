"""Registration numbers of institutions and organisations: eleven digits with a check digit.

Weights 9 1 4 8 3 10 2 5 7 6 1 over all digits, the sum leaves 3 when divided by 11; the first
digit is 4 or more (the register's published rule).
"""

import re

from shared.errors import Invalid

WEIGHTS = (9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1)
_FORM = re.compile(r"[4-9]\d{10}", re.ASCII)


class NotARegistrationNumber(Invalid):
    """A registration number has eleven digits, the first at least 4, the last fits."""

    code = "registration-number"


def is_registration_number(text: str) -> bool:
    """Whether a text is a registration number with the right check digit."""
    if not _FORM.fullmatch(text):
        return False
    return sum(int(digit) * weight for digit, weight in zip(text, WEIGHTS, strict=True)) % 11 == 3


def check_registration_number(text: str, *, field: str) -> str:
    """The number itself; raises NotARegistrationNumber naming the field."""
    if not is_registration_number(text):
        raise NotARegistrationNumber(field=field)
    return text
