"""Checks a pain.001.001.03 file while it is read: our schema, and rules that name line and cure.

Little of the file stays in memory besides the end-to-end ids; entities are never resolved.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from lxml import etree

from services.payments.files.domain import NAME_CHARACTERS_MAX, NAMESPACE
from services.payments.payees.iban import fault_of
from shared.money import euro

SCHEMA = files(__package__).joinpath("bank_file.xsd")
FINDINGS_MAX = 100
_NS = f"{{{NAMESPACE}}}"
_TRANSACTION = f"{_NS}CdtTrfTxInf"
_WHOLE = f"{_NS}CstmrCdtTrfInitn"
_COUNT = f"{_NS}NbOfTxs"
_SUM = f"{_NS}CtrlSum"
_AMOUNT = re.compile(r"^\d{1,11}\.\d{2}$")
_AMT, _E2E, _IBAN = f"{_NS}InstdAmt", f"{_NS}EndToEndId", f"{_NS}IBAN"
_BUDGET, _NAME = f"{_NS}Inf", f"{_NS}Nm"
_TOWN, _COUNTRY = f"{_NS}TwnNm", f"{_NS}Ctry"
_FIELDS = (_AMT, _E2E, _IBAN, _BUDGET, _NAME, _TOWN, _COUNTRY)
_CURRENCY = "Ccy"
_LOOKED_AT = (_TRANSACTION, _WHOLE, _COUNT, _SUM)


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong: the payment's number in the file (0: the file itself), field, code, cure."""

    line: int
    field: str
    code: str
    cure_lv: str
    cure_en: str


_CURES = {
    "amount": (
        "Summai jābūt lielākai par nulli, ar divām decimālzīmēm, EUR.",
        "write an amount above zero with two decimals in EUR",
    ),
    "end-to-end-repeated": (
        "Šis numurs failā jau ir; katram uzdevumam savs numurs.",
        "this end-to-end id is already in the file; give each order its own",
    ),
    "end-to-end-missing": ("Norādiet uzdevuma numuru.", "give the order an end-to-end id"),
    "bad-iban": (
        "Konta numura kontrolcipari nav pareizi; pārrakstiet no bankas dokumenta.",
        "the check digits of the account are wrong; copy it from the bank's own paper",
    ),
    "iban-country": (
        "Uz šīs valsts kontiem eiro pārskaitījums nav iespējams.",
        "accounts of this country cannot be paid in euro",
    ),
    "name-length": (
        f"Saņēmēja vārdam jābūt 1–{NAME_CHARACTERS_MAX} rakstzīmes; saīsiniet to paši.",
        f"the payee's name takes 1 to {NAME_CHARACTERS_MAX} characters; shorten it yourself",
    ),
    "address-incomplete": (
        "Adresē jābūt gan vietai, gan valstij; papildiniet vai dzēsiet abas.",
        "an address has both town and country; enter both or leave both out",
    ),
    "address-unstructured": (
        "Adreses rindas vairs nepieņem; rakstiet vietu un valsti katru savā laukā.",
        "address lines are not taken any more; write town and country each in its field",
    ),
    "budget-code-missing": (
        "Norādiet budžeta klasifikācijas kodu.",
        "write the budget classification code",
    ),
    "ultimate-debtor-level": (
        "Faktisko maksātāju raksta tikai pie maksājuma.",
        "write the ultimate debtor at each payment only",
    ),
    "count": ("Maksājumu skaits neatbilst galvenei.", "the count differs from the one declared"),
    "sum": ("Kopsumma neatbilst galvenei.", "the sum differs from the one declared"),
    "schema": ("Fails neatbilst shēmai.", "the file does not follow the schema"),
    "unreadable": ("Fails nav nolasāms XML.", "the file cannot be read as XML"),
}


@cache
def _schema() -> etree.XMLSchema:
    """Our subset of the message's schema."""
    return etree.XMLSchema(etree.fromstring(SCHEMA.read_bytes()))


@dataclass
class Checker:
    """Reads a file piece by piece; `close` gives what was found, nothing when it is right.

    `whole_addresses`: an address must have town and country.
    """

    whole_addresses: bool = True
    findings: list[Finding] = field(default_factory=list)
    count: int = 0
    cents: int = 0
    _declared: list[tuple[str, str]] = field(default_factory=list)
    _ids: set[str] = field(default_factory=set)
    _broken: bool = False
    _whole: bool = False

    def __post_init__(self) -> None:
        self._parser = etree.XMLPullParser(
            events=("end",),
            tag=_LOOKED_AT,
            schema=_schema(),
            resolve_entities=False,
            no_network=True,
            huge_tree=False,
        )

    def feed(self, piece: bytes) -> None:
        """The next piece of the file."""
        if self._broken:
            return
        try:
            self._parser.feed(piece)
            self._read()
        except etree.XMLSyntaxError as error:
            self._break(error)

    def close(self) -> list[Finding]:
        """The end of the file; declared count and sum must be those of its payments."""
        if not self._broken:
            try:
                self._parser.close()
                self._read()
            except etree.XMLSyntaxError as error:
                self._break(error)
        if not self._broken and not self._whole:
            self._found("unreadable", "the file ends too early", line=self.count)
        elif not self._broken:
            self._check_declared()
        return self.findings

    def _break(self, error: etree.XMLSyntaxError) -> None:
        """The parser gave up: not XML, or not of the schema."""
        self._broken = True
        text = str(error)
        code = "schema" if "Element '" in text else "unreadable"
        if "UltmtDbtr': This element is not expected" in text:
            code = "ultimate-debtor-level"
        elif "AdrLine': This element is not expected" in text:
            code = "address-unstructured"
        # The schema speaks at the end and of no place: then it is about the whole file.
        self._found(code, text[:200], line=0 if self._whole else self.count + 1)

    def _read(self) -> None:
        """Look at what the parser has finished."""
        last = None
        for _, found in self._parser.read_events():
            element: Any = found
            if element.tag == _TRANSACTION:
                self.count += 1
                self._check(_fields_of(element))
                last = element
            elif element.tag == _WHOLE:
                self._whole = True
            else:
                self._declared.append((element.tag, element.text or ""))
        self._forget(last)

    def _forget(self, last: Any) -> None:
        """Let go of the payments that were read; what is half read stays."""
        if last is not None:
            del last.getparent()[:-1]

    def _check(self, seen: Mapping[str, str | None]) -> None:
        """Our own rules for one payment."""
        text = seen.get(_AMT) or ""
        cents = int(text.replace(".", "")) if _AMOUNT.match(text) else 0
        if cents == 0 or seen.get(_CURRENCY) != "EUR":
            self._found("amount", "Amt/InstdAmt")
        self.cents += cents
        end_to_end = seen.get(_E2E) or ""
        if not end_to_end:
            self._found("end-to-end-missing", "EndToEndId")
        elif end_to_end in self._ids:
            self._found("end-to-end-repeated", "EndToEndId")
        self._ids.add(end_to_end)
        fault = fault_of(seen.get(_IBAN) or "")
        if fault is not None:
            self._found(fault, "CdtrAcct/Id/IBAN")
        if not 1 <= len(seen.get(_NAME) or "") <= NAME_CHARACTERS_MAX:
            self._found("name-length", "Cdtr/Nm")
        if self.whole_addresses and (_TOWN in seen) != (_COUNTRY in seen):
            self._found("address-incomplete", "Cdtr/PstlAdr")
        if not seen.get(_BUDGET):
            self._found("budget-code-missing", "RgltryRptg/Dtls/Inf")

    def _check_declared(self) -> None:
        """Each count and sum that the file declares."""
        for tag, text in self._declared:
            if tag == _COUNT and text != str(self.count):
                self._found("count", f"NbOfTxs {text}, counted {self.count}", line=0)
            if tag == _SUM and text != euro(self.cents):
                self._found("sum", f"CtrlSum {text}, added up {euro(self.cents)}", line=0)

    def _found(self, code: str, where: str, *, line: int | None = None) -> None:
        """Write down a finding, up to a limit."""
        if len(self.findings) < FINDINGS_MAX:
            number = self.count if line is None else line
            self.findings.append(Finding(number, where, code, *_CURES[code]))


def _fields_of(payment: Any) -> dict[str, str | None]:
    """What our rules ask of a payment, by element, and its currency.

    Of two names the later one is the payee's: the schema has no other order.
    """
    fields = {}
    for element in payment.iter(*_FIELDS):
        fields[element.tag] = element.text
        if element.tag == _AMT:
            fields[_CURRENCY] = element.get(_CURRENCY)
    return fields


def check(pieces: Iterable[bytes]) -> list[Finding]:
    """What is wrong with a file given in pieces; empty when it is right."""
    checker = Checker()
    for piece in pieces:
        checker.feed(piece)
    return checker.close()
