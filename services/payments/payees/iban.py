"""Account numbers by ISO 13616: country, length, mod-97. Source: domain text, bank messages."""

import re

from shared.errors import Invalid

# Lengths of the countries in the euro payment area; another country is refused by name.
LENGTHS = {
    "AD": 24, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18,
    "EE": 20, "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GI": 23, "GR": 27, "HR": 21, "HU": 28,
    "IE": 22, "IS": 26, "IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MT": 31,
    "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27,
    "VA": 22,
}  # fmt: skip
_LATVIAN = re.compile(r"^LV\d{2}[A-Z]{4}[A-Z0-9]{13}$")
_ANY = re.compile(r"^[A-Z]{2}\d{2}[A-Z0-9]{10,30}$")
_VALUES = {ord(c): str(i) for i, c in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")}
SHOWN = 4


class BadIban(Invalid):
    """The account number is not a valid IBAN; copy it from the bank's own paper."""

    code = "bad-iban"


class CountryNotPaid(Invalid):
    """Accounts of this country cannot be paid in euro from here."""

    code = "iban-country"


def normal_iban(text: str) -> str:
    """The account number without spaces, in capitals; raises BadIban or CountryNotPaid."""
    iban = "".join(text.split()).upper()
    fault = fault_of(iban)
    if fault == CountryNotPaid.code:
        raise CountryNotPaid(field="account", country=iban[:2])
    if fault is not None:
        raise BadIban(field="account")
    return iban


def fault_of(iban: str) -> str | None:
    """The code of what is wrong with an IBAN written in capitals without spaces, or None."""
    if _LATVIAN.match(iban):
        return None if remainder(iban) == 1 else BadIban.code
    country = iban[:2]
    if country == "LV" or not _ANY.match(iban):
        return BadIban.code
    if country not in LENGTHS:
        return CountryNotPaid.code
    right = len(iban) == LENGTHS[country] and remainder(iban) == 1
    return None if right else BadIban.code


def remainder(iban: str) -> int:
    """The number an IBAN stands for, modulo 97; 1 where the check digits are right."""
    return int((iban[4:] + iban[:4]).translate(_VALUES)) % 97


def with_check_digits(country: str, account: str) -> str:
    """An IBAN of a country and a national account number, check digits computed."""
    digits = 98 - remainder(f"{country}00{account}")
    return f"{country}{digits:02d}{account}"


def masked(iban: str) -> str:
    """What may be shown of an account: country and the last four characters."""
    return f"{iban[:2]}…{iban[-SHOWN:]}"
