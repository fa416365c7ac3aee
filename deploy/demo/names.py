"""Invented people: names with every Latvian letter, codes nobody can be given, accounts of no bank.

Nobody here exists. Personal codes lie in the block 32 99, which the register cannot issue;
accounts name the bank ZZZZ, which there is not; registration numbers begin 9999.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

FEMALE = (
    "Āgrita", "Bārbala", "Čaula", "Daiga", "Ērika", "Elīna", "Ģertrūde", "Guna", "Ilze", "Īvasma",
    "Jūle", "Ķērsta", "Līga", "Ļuba", "Maiga", "Ņina", "Olga", "Rūta", "Šarlote", "Ūla", "Žanete",
)  # fmt: skip
MALE = (
    "Ādolfs", "Bērtulis", "Čakars", "Dzintars", "Ēriks", "Edžus", "Ģirts", "Guntis", "Imants",
    "Īvars", "Jurģis", "Ķencis", "Leons", "Ļevs", "Mārtiņš", "Ņikita", "Ojārs", "Rūdolfs", "Šalms",
    "Uģis", "Žanis",
)  # fmt: skip
STEMS = (
    "Ābolzar", "Brūklen", "Čiekur", "Dzērven", "Ērkšķog", "Fazāngal", "Ģerbalap", "Hiacintlap",
    "Īrisdob", "Jāņtārp", "Ķiršlauk", "Lācaug", "Ļauždēl", "Mētrkaln", "Ņieburmež", "Ozolzīl",
    "Pērlkrūm", "Rācenlauk", "Šķūņplat", "Tītenkrast", "Ūdrupman", "Vībotmal", "Zvirbuļpļav",
    "Žagatgrav",
)  # fmt: skip
ENDINGS = (
    ("iņš", "iņa"), ("ītis", "īte"), ("āns", "āne"), ("ēns", "ēne"), ("ietis", "iete"),
    ("nieks", "niece"), ("ulis", "ule"), ("audis", "aude"), ("iķis", "iķe"), ("ups", "upa"),
)  # fmt: skip

CODE_WEIGHTS = (10, 5, 8, 4, 2, 1, 6, 3, 7, 9)
NUMBER_WEIGHTS = (9, 1, 4, 8, 3, 10, 2, 5, 7, 6)
BANK = "ZZZZ"


@dataclass(frozen=True)
class Human:
    """Somebody invented. `key` is our own short name, such as D12 or LT7."""

    key: str
    first_name: str
    last_name: str
    sex: str
    birth_date: date
    personal_code: str
    account: str

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"


def personal_code(serial: int) -> str:
    """Eleven digits from the block 32 99 with the right check digit; serial below a million."""
    body = f"3299{serial:06d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, CODE_WEIGHTS, strict=True))
    return f"{body}{(1 + total) % 11 % 10}"


def account(serial: int) -> str:
    """An account number that passes modulo 97, at a bank that does not exist."""
    tail = f"{BANK}{serial:013d}"
    digits = "".join(str(int(letter, 36)) for letter in f"{tail}LV00")
    return f"LV{98 - int(digits) % 97:02d}{tail}"


def registration_numbers(first: int = 0) -> Iterator[str]:
    """Registration numbers from 9999, which no institution has, with the right check digit."""
    for serial in range(first, 1_000_000):
        body = f"9999{serial:06d}"
        total = sum(int(digit) * w for digit, w in zip(body, NUMBER_WEIGHTS, strict=True))
        check = (3 - total) % 11
        if check < 10:
            yield f"{body}{check}"


def human(key: str, serial: int, born_from: date, *, days: int) -> Human:
    """An invented person, born within so many days; no two of one serial, name or code."""
    female = serial % 2 == 0
    half = serial // 2
    stem, ending = STEMS[half % len(STEMS)], ENDINGS[half // len(STEMS) % len(ENDINGS)]
    firsts = FEMALE if female else MALE
    return Human(
        key=key,
        first_name=firsts[half % len(firsts)],
        last_name=f"{stem}{ending[1] if female else ending[0]}",
        sex="female" if female else "male",
        birth_date=born_from + timedelta(days=serial % days),
        personal_code=personal_code(serial),
        account=account(serial),
    )
