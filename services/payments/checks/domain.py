"""What is compared when the books are added up again. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Compared:
    """A sum that is kept, and what it must be the sum of, in both languages."""

    name: str
    lv: str
    en: str


COMPARED = (
    Compared(
        "months-reserved",
        "skolēna mēnesī rezervētais ir plānu rindu rezervju summa",
        "what is reserved in a pupil's month is the sum of its plan lines' reservations",
    ),
    Compared(
        "months-ordered",
        "skolēna mēnesī pasūtītais ir plānu rindu pasūtījumu summa",
        "what is ordered in a pupil's month is the sum of its plan lines' orders",
    ),
    Compared(
        "months-shared",
        "skolēna mēnesī šeit nav vairāk, nekā te sācies un citi maksātāji nodevuši",
        "a pupil's month holds here no more than began here and other offices handed over",
    ),
    Compared(
        "lines-ordered",
        "plāna rindā pasūtītais ir tās maksājumu summa bez atgrieztā un atgūtā",
        "what is ordered on a plan line is the sum of its orders less what came back",
    ),
    Compared(
        "allocations-spoken-for",
        "no piešķīruma apsolītais ir partnera plānu rezervju un pasūtījumu summa",
        "what of an allocation is spoken for is what the partner's plans reserve and order",
    ),
    Compared(
        "allocations-allocated",
        "piešķīrums ir apstiprināto lēmumu summa",
        "an allocation is the sum of its approved acts",
    ),
    Compared(
        "years-allocated",
        "mācību gadā piešķirtais ir semestru piešķīrumu summa",
        "what is allocated in a school year is the sum of its semesters",
    ),
    Compared(
        "orders-recovered",
        "no maksājuma atgūtais ir atgūšanas ierakstu summa",
        "what was recovered of an order is the sum of its recoveries",
    ),
    Compared(
        "claims-ordered",
        "katrai pieņemtai prasībai ir tieši viens spēkā esošs maksājums",
        "an accepted claim has exactly one order that was not given back",
    ),
    Compared(
        "files-cents",
        "bankas faila summa ir tā maksājumu summa",
        "the sum of a bank file is that of its orders",
    ),
    Compared(
        "files-payments",
        "bankas faila maksājumu skaits ir tā maksājumu skaits šeit",
        "a bank file holds as many payments as there are orders in it",
    ),
    Compared(
        "orders-reported",
        "samaksāta vai atgriezta maksājuma summa ir tā, ko ziņoja birojs",
        "a paid or returned order is of the sum its office reported",
    ),
    Compared(
        "partner-reports-spent",
        "partnera pārskatā izlietotais ir tā rindu summa",
        "what a partner's report says was spent is the sum of its lines",
    ),
)
NAMES = frozenset(compared.name for compared in COMPARED)


class Difference(NamedTuple):
    """A sum as it is kept, and as it was added up again; None where one of them is not there."""

    thing: str
    kept: int | None
    counted: int | None


class Check(NamedTuple):
    """One comparison: how many sums were looked at, how many differ, and the first of those."""

    name: str
    checked_at: datetime
    compared: int
    differing: int
    differences: tuple[Difference, ...]
