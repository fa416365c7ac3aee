"""Evidence of delivered support: its kinds, its fields, and the digest by which it is paid once."""

import hashlib
import unicodedata
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from services.payments.domain import READABLE
from services.payments.refusals import LineRefused
from shared.calendar import CalendarDay
from shared.contracts.base import Code, Month
from shared.contracts.plans import SupportType

PREPARATION = "preparation"
CENTS_MAX = 100_000_00
SEPARATOR = "\x1f"


class EvidenceKind(StrEnum):
    """What a paper, or an entry of another service, proves."""

    CONSULTATION = "consultation"
    PREPARATION = "preparation"
    TICKET = "ticket"
    INVOICE = "invoice"
    RECEIPT = "receipt"
    VOUCHER = "voucher"


# Python 3.11 runs code of its own whenever an enumeration is asked for a member by name.
OF_CONSULTATION = EvidenceKind.CONSULTATION
OF_PREPARATION = EvidenceKind.PREPARATION
OF_VOUCHER = EvidenceKind.VOUCHER


class TransportLine(StrEnum):
    """How far a line of public transport goes."""

    LOCAL = "local"
    INTER_MUNICIPALITY = "inter_municipality"
    INTERCITY = "intercity"


ANY_TRANSPORT = "any_public_transport"
TRANSPORT_PAID = {
    "intercity": frozenset({TransportLine.INTERCITY}),
    "inter_municipality": frozenset({TransportLine.INTERCITY, TransportLine.INTER_MUNICIPALITY}),
    ANY_TRANSPORT: frozenset(TransportLine),
}
_SCOPES_LV = {"intercity": "starppilsētu", "inter_municipality": "starppilsētu un starpnovadu"}
_PAPER = ("issuer", "number")
_JOURNEY = ("issuer", "number", "date", "from", "to")
_BILLS = {EvidenceKind.INVOICE: _PAPER, EvidenceKind.RECEIPT: _PAPER}
REQUIRED: Mapping[str, Mapping[EvidenceKind, tuple[str, ...]]] = {
    SupportType.CONSULTATION: {EvidenceKind.CONSULTATION: ("consultation_id",)},
    SupportType.PUBLIC_TRANSPORT: {**_BILLS, EvidenceKind.TICKET: _JOURNEY},
    SupportType.MEALS: {**_BILLS, EvidenceKind.VOUCHER: ("number",)},
    SupportType.ACCOMMODATION: _BILLS,
    SupportType.LEARNING_MATERIALS: _BILLS,
    SupportType.PERSONAL_ITEMS: _BILLS,
    SupportType.SPECIAL_TRANSPORT: {**_BILLS, EvidenceKind.TICKET: _JOURNEY},
    SupportType.NGO_PROJECT: {},
    PREPARATION: {EvidenceKind.PREPARATION: ()},
}
"""What proves a type of support, and which fields each kind of evidence must have for it.

What a place pays by line, unit or day may ask for more: `transport_line`, `quantity`, `days`.
"""
_FIELDS = {"date": "dated", "from": "from_stop", "to": "to_stop"}
"""Names on the wire that are other names here."""


def table_of_evidence() -> str:
    """The table above as text for whoever reads the description of the door."""
    rows = [
        f"| {kind} | {evidence} | {', '.join(fields) or 'nothing more'} |"
        for kind, proofs in REQUIRED.items()
        for evidence, fields in proofs.items()
    ]
    return "\n".join(["| type | evidence | fields it must have |", "| --- | --- | --- |", *rows])


# Lengths stand before what Python looks at: behind it they would be Python's work too.
_Name = Annotated[str, Field(min_length=1, max_length=140), READABLE]
_Word = Annotated[str, Field(min_length=1, max_length=80), READABLE]
_Line = Annotated[str, Field(min_length=1, max_length=40), READABLE]


class Evidence(BaseModel):
    """One piece of evidence; `line` tells the lines of a paper for several pupils apart."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    kind: EvidenceKind
    issuer: _Name | None = None
    number: _Word | None = None
    line: _Line | None = None
    dated: CalendarDay | None = Field(default=None, alias="date")
    quantity: int | None = Field(default=None, ge=1, le=10_000)
    unit: Code | None = None
    consultation_id: Code | None = None
    transport_line: TransportLine | None = None
    from_stop: _Word | None = Field(default=None, alias="from")
    to_stop: _Word | None = Field(default=None, alias="to")


class ClaimLine(BaseModel):
    """A claim: so many cents for a measure of a plan, with its evidence and who is to be paid.

    `service_date`, `days` (all of one month) or `month` must be given; for a month the quantity of
    the evidence says how many days. Without `measure_id` the claim is for preparing the plan, and
    for a consultation both come from the consultation.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    claim_id: Code | None = None
    plan_id: Code
    measure_id: Code | None = None
    service_date: CalendarDay | None = None
    month: Month | None = None
    days: tuple[CalendarDay, ...] | None = Field(default=None, min_length=1, max_length=31)
    cents: int = Field(strict=True, ge=1, le=CENTS_MAX)
    evidence: Evidence
    payee_id: Code

    @field_validator("days")
    @classmethod
    def _are_days(cls, days: tuple[date, ...] | None, info: ValidationInfo) -> Any:
        """Ask for one way of naming days, and each day once; runs only where days are given."""
        if days is not None and info.data.get("service_date") is not None:
            raise ValueError("give the service_date or the days, not both")
        if days is not None and len(set(days)) != len(days):
            raise ValueError("a day stands twice among the days")
        return days


def digest_of(evidence: Evidence) -> bytes | None:
    """What makes evidence the same evidence everywhere; None where other limits hold instead."""
    if evidence.kind is OF_PREPARATION:
        return None
    if evidence.kind is OF_CONSULTATION:
        return _sha("consultation", evidence.consultation_id or "")
    line = evidence.line if evidence.kind in _BILLS else None
    return _sha(_issuer(evidence.issuer), _plain(evidence.number), _plain(line))


def paper_of(evidence: Evidence) -> bytes | None:
    """The digest of the whole paper, where the evidence is a line of one."""
    if evidence.line is None or evidence.kind not in _BILLS:
        return None
    return _sha(_issuer(evidence.issuer), _plain(evidence.number), _plain(None))


def check_kind(evidence: Evidence, support_type: str) -> None:
    """Refuse evidence that cannot prove this type of support, or lacks what it needs."""
    fields = REQUIRED.get(support_type, {}).get(evidence.kind)
    if fields is None:
        raise LineRefused(
            "evidence-kind-not-for-type", kind=evidence.kind, support_type=support_type
        )
    for name in fields:
        if getattr(evidence, _FIELDS.get(name, name)) is None:
            raise LineRefused("evidence-incomplete", missing=name)


def check_transport(evidence: Evidence, scope: str) -> None:
    """Refuse a line that the place does not pay."""
    if scope == ANY_TRANSPORT:
        return
    if evidence.transport_line is None:
        raise LineRefused("transport-line-missing", scope=scope)
    if evidence.transport_line not in TRANSPORT_PAID.get(scope, frozenset()):
        raise LineRefused(
            "transport-out-of-scope",
            scope=scope,
            scope_lv=_SCOPES_LV[scope],
            transport_line=evidence.transport_line,
        )


def _plain(text: str | None) -> str:
    """Without spaces and in capitals, dashes and letters of one form: ways of writing are one."""
    if text is None:
        return ""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_DASHES)
    return "".join(text.split()).upper()


_DASHES = dict.fromkeys((*range(0x2010, 0x2016), 0x2212), "-")


def _issuer(text: str | None) -> str:
    """As `_plain`; a Latvian company's VAT number is its registration number behind LV."""
    plain = _plain(text)
    is_vat = plain.startswith("LV") and len(plain) == _VAT_CHARACTERS and plain[2:].isdecimal()
    return plain[2:] if is_vat else plain


_VAT_CHARACTERS = 13


def _sha(*parts: str) -> bytes:
    """SHA-256 over the parts."""
    return hashlib.sha256(SEPARATOR.join(parts).encode()).digest()
