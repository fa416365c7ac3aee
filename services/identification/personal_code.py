"""Personal codes: reading, checking, and the block that stands for people nobody is.

Old codes are DDMMYY-CNNNK (C is the century: 0 = 18xx, 1 = 19xx, 2 = 20xx). Codes given since
01.07.2017 begin with 32 and tell no birth date. K is the check digit of both. The rule for the
check digit of 32-codes is not published, so there a wrong one is a warning only.
"""

import re
from dataclasses import dataclass
from datetime import date

from shared.errors import Invalid

WEIGHTS = (10, 5, 8, 4, 2, 1, 6, 3, 7, 9)
CENTURIES = {"0": 1800, "1": 1900, "2": 2000}
NEW_CODES = "32"
SYNTHETIC_BLOCK = "3299"
"""Ours: codes of this block stand for invented people, in the demo and in tests."""

CHECK_DIGIT_WARNING = "personal-code-check-digit"
_FORM = re.compile(r"\d{6}-?\d{5}", re.ASCII)


class PersonalCodeForm(Invalid):
    """A personal code has eleven digits, with or without a dash after the sixth."""

    code = "personal-code-form"


class PersonalCodeDate(Invalid):
    """The first seven digits of this personal code are not a date of birth."""

    code = "personal-code-date"


class PersonalCodeCheckDigit(Invalid):
    """The last digit of this personal code does not fit the others: look for a typing error."""

    code = CHECK_DIGIT_WARNING


@dataclass(frozen=True)
class PersonalCode:
    """A personal code that may be used; `born` is None where the code does not tell it."""

    digits: str
    born: date | None
    warnings: tuple[str, ...] = ()

    @property
    def is_synthetic(self) -> bool:
        """Whether the code lies in the block for invented people."""
        return self.digits.startswith(SYNTHETIC_BLOCK)


def read_personal_code(text: str) -> PersonalCode:
    """A checked code without its dash.

    Raises PersonalCodeForm, PersonalCodeDate, PersonalCodeCheckDigit (old codes only).
    """
    if not _FORM.fullmatch(text):
        raise PersonalCodeForm(field="personal_code")
    digits = text.replace("-", "")
    right = check_digit(digits[:10]) == int(digits[10])
    if digits.startswith(NEW_CODES):
        return PersonalCode(digits, None, () if right else (CHECK_DIGIT_WARNING,))
    born = _born(digits)
    if not right:
        raise PersonalCodeCheckDigit(field="personal_code")
    return PersonalCode(digits, born)


def check_digit(body: str) -> int:
    """The eleventh digit that belongs to the first ten."""
    total = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True))
    return (1 + total) % 11 % 10


def _born(digits: str) -> date:
    """The date of birth an old code tells."""
    try:
        year = CENTURIES[digits[6]] + int(digits[4:6])
        return date(year, int(digits[2:4]), int(digits[:2]))
    except (KeyError, ValueError) as error:
        raise PersonalCodeDate(field="personal_code") from error
