"""What a bank's answer means: faults, exact amounts, lines, and the outcome each line tells. Pure.

Sources: ISO 20022 message definitions pain.002.001, camt.053.001 and camt.054.001, and the external
code sets of ISO 20022 for statuses and reasons.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from pydantic import JsonValue

from services.payments.domain import OrderState
from shared.errors import Invalid

EURO = "EUR"
NO_REFERENCE = frozenset({"", "NOTPROVIDED", "NONREF"})
_AMOUNT = re.compile(r"(\d{1,15})(?:\.(\d*))?", re.ASCII)

FAULTS = {
    "not-xml": (
        "Fails nav nolasāms XML; lejupielādējiet to no bankas vēlreiz.",
        "the file cannot be read as XML; download it from the bank again",
    ),
    "compressed": (
        "Fails ir saspiests; vispirms atspiediet to.",
        "the file is compressed; unpack it first",
    ),
    "cut-off": (
        "Fails beidzas pāragri; lejupielādējiet to vēlreiz.",
        "the file ends too early; download it again",
    ),
    "bad-encoding": (
        "Fails nav uzrakstīts norādītajā kodējumā; saglabājiet to kā UTF-8.",
        "the file is not in the encoding it names; save it as UTF-8",
    ),
    "document-type": (
        "Failā ir dokumenta tipa apraksts vai entītijas; bankas ziņojumā to nav.",
        "the file declares a document type or entities; a bank's message has none",
    ),
    "too-deep": (
        "Elementi ir iegulti pārāk dziļi; tas nav bankas ziņojums.",
        "elements are nested too deep; this is no bank's message",
    ),
    "text-too-long": (
        "Viena lauka teksts ir pārāk garš; tas nav bankas ziņojums.",
        "the text of one field is too long; this is no bank's message",
    ),
    "message-unknown": (
        "Lasām pain.002, camt.053 un camt.054; šis ir cits ziņojums.",
        "we read pain.002, camt.053 and camt.054; this is another message",
    ),
    "too-many-entries": (
        "Failā ir pārāk daudz ierakstu; prasiet bankai īsāku laika posmu.",
        "the file has too many entries; ask the bank for a shorter period",
    ),
    "field-missing": (
        "Ierakstam trūkst obligāta lauka; prasiet bankai pareizu failu.",
        "an entry lacks a field it must have; ask the bank for a right file",
    ),
    "bad-date": (
        "Datums nav pareizs; prasiet bankai pareizu failu.",
        "a date cannot be right; ask the bank for a right file",
    ),
    "bad-amount": (
        "Summa nav skaitlis ar punktu; prasiet bankai pareizu failu.",
        "an amount is no plain number with a point; ask the bank for a right file",
    ),
    "amount-not-whole-cents": (
        "Summa nav veselos centos; mēs nenoapaļojam. Prasiet bankai pareizu failu.",
        "an amount is not in whole cents and we never round; ask the bank for a right file",
    ),
    "status-contradicts": (
        "Faila un maksājuma statuss ir pretrunā; prasiet bankai pareizu failu.",
        "the status of the whole and of a payment contradict each other; ask the bank",
    ),
    "account-not-the-offices": (
        "Izraksts ir par citu kontu, nevis šī maksājumu biroja kontu.",
        "the statement is of another account than this payment office's",
    ),
}
"""Why a file is refused as a whole, in Latvian and English."""


class AnswerRefused(Invalid):
    """A bank's answer cannot be taken; nothing of it was kept."""

    code = "answer-refused"

    def __init__(
        self,
        code: str,
        *,
        line: int = 0,
        column: int = 0,
        field: str | None = None,
        **details: JsonValue,
    ) -> None:
        """A code of the list, and where in the file (lines and columns count from 1)."""
        latvian, english = FAULTS[code]
        super().__init__(
            english, field=field, message_lv=latvian, line=line, column=column, **details
        )
        self.code = code  # type: ignore[misc]  # the code is data here, one class for the list


UNFIT = {
    "no-end-to-end-id": (
        "Bankas ierakstā nav uzdevuma numura; izvēlieties uzdevumu vai «nav mūsu».",
        "the bank's line names no order; choose one, or say that it is not ours",
    ),
    "currency-differs": (
        "Ieraksts nav eiro; mūsu uzdevumi ir tikai eiro.",
        "the line is not in euro; our orders are in euro only",
    ),
    "batch-sum-differs": (
        "Maksājumu summa neatbilst kopējā ieraksta summai.",
        "the payments listed do not add up to the entry they belong to",
    ),
    "credit-not-a-return": (
        "Nauda ienāca, bet banka nesaka, ka tā ir atgriezta.",
        "money came in, but the bank does not say that it is a return",
    ),
    "direction-unclear": (
        "Ieraksta virziens nesaka, vai uzdevums ir samaksāts; pajautājiet bankai.",
        "the direction does not tell whether an order was paid; ask the bank",
    ),
    "status-unknown": (
        "Banka lieto statusu, kura nav sarakstā; pajautājiet bankai.",
        "the bank uses a status that is not in the list; ask the bank",
    ),
    "file-unknown": (
        "Šim maksājumu birojam nav bankas faila ar šādu numuru.",
        "this payment office has no bank file of this number",
    ),
    "file-sum-differs": (
        "Skaits vai summa atšķiras no mūsu bankas faila.",
        "count or sum differ from those of our bank file",
    ),
}
"""Why a line fits no order whatever the orders are; it waits in the work list."""

SETTLED, RETURNED = OrderState.SETTLED, OrderState.RETURNED
STATUSES: dict[str, OrderState | None] = {
    "ACSC": SETTLED,
    "ACCC": SETTLED,
    "RJCT": RETURNED,
    "CANC": RETURNED,
    "PART": None,
    "ACSP": None,
    "ACTC": None,
    "ACCP": None,
    "ACFC": None,
    "ACWC": None,
    "ACWP": None,
    "PATC": None,
    "PDNG": None,
    "RCVD": None,
}
"""What a status says of an order. None: not final; accepted for settlement is not settled."""

ENTRIES: dict[tuple[str, bool, bool], OrderState | str] = {
    ("DBIT", False, False): SETTLED,
    ("CRDT", False, True): RETURNED,
    ("CRDT", True, False): RETURNED,
    ("CRDT", True, True): RETURNED,
    ("CRDT", False, False): "credit-not-a-return",
    ("DBIT", False, True): "direction-unclear",
    ("DBIT", True, False): "direction-unclear",
    ("DBIT", True, True): "direction-unclear",
}
"""What a booked entry says, by direction, reversal indicator and return information.

A reversal is told with the direction of the reversal itself: a debit reversed is a credit.
"""


class Line(NamedTuple):
    """One payment a bank tells of, as its row; `cents` None: the bank told no sum in euro.

    `end_to_end_id` is empty where none was given, `about_file` names the bank file a line speaks
    of as a whole, `unfit` says why no order can follow it, `source_line` is its line in the file.
    """

    no: int
    report_id: str
    statement_id: str
    entry_ref: str
    bank_ref: str
    end_to_end_id: str
    about_file: str
    outcome: str
    unfit: str | None
    cents: int | None
    currency: str
    booked_on: date
    reason_code: str | None
    account: str
    mentioned: str
    source_line: int
    declared: int | None = None


@dataclass(frozen=True)
class Totals:
    """What a statement says of itself, and what its booked entries add up to; sums are cents.

    Debits count below zero. `agrees` is None where the statement does not tell both balances.
    """

    statement_id: str
    account: str
    opening: int | None
    closing: int | None
    booked: int
    entries: int
    pending: int
    declared_entries: int | None

    @property
    def agrees(self) -> bool | None:
        """Whether opening and entries make the closing balance, and the count is the told one."""
        if self.declared_entries not in (None, self.entries + self.pending):
            return False
        if self.opening is None or self.closing is None:
            return None
        return self.opening + self.booked == self.closing

    @property
    def difference(self) -> int | None:
        """Cents by which the closing balance differs from what it should be."""
        if self.opening is None or self.closing is None:
            return None
        return self.closing - self.opening - self.booked


@dataclass
class Message:
    """The head of a message, and its statements as far as read."""

    kind: str = ""
    version: str = ""
    message_id: str = ""
    entries: int = 0
    not_final: int = 0
    statements: Sequence[Totals] = ()


@lru_cache(maxsize=4096)
def exact_cents(text: str) -> int:
    """Euros with any number of decimals as whole cents; raises ValueError with the fault's code."""
    found = _AMOUNT.fullmatch(text)
    if found is None:
        raise ValueError("bad-amount")
    decimals = (found[2] or "").rstrip("0")
    if len(decimals) > 2:
        raise ValueError("amount-not-whole-cents")
    return int(found[1]) * 100 + int(decimals.ljust(2, "0"))


@lru_cache(maxsize=4096)
def day_of(text: str) -> date:
    """The day of a date or a moment; raises ValueError with the fault's code."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise ValueError("bad-date") from None


def derived_id(*parts: str) -> str:
    """The id of the report that follows from a line: the same parts, the same id."""
    return "bank:" + hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:40]
