"""Evidence of delivered support: its kinds, its fields, and the digest by which it is paid once."""

import hashlib
from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from services.payments.refusals import LineRefused
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
_PAPER = frozenset({EvidenceKind.INVOICE, EvidenceKind.RECEIPT})
PROVES = {
    SupportType.CONSULTATION: frozenset({EvidenceKind.CONSULTATION}),
    SupportType.PUBLIC_TRANSPORT: _PAPER | {EvidenceKind.TICKET},
    SupportType.MEALS: _PAPER | {EvidenceKind.VOUCHER},
    SupportType.ACCOMMODATION: _PAPER,
    SupportType.LEARNING_MATERIALS: _PAPER,
    SupportType.PERSONAL_ITEMS: _PAPER,
    SupportType.SPECIAL_TRANSPORT: _PAPER | {EvidenceKind.TICKET},
    SupportType.NGO_PROJECT: frozenset[EvidenceKind](),
    PREPARATION: frozenset({EvidenceKind.PREPARATION}),
}


_WITHOUT_PAPER = frozenset({EvidenceKind.CONSULTATION, EvidenceKind.PREPARATION})


class Evidence(BaseModel):
    """One piece of evidence; `line` tells the lines of a paper for several pupils apart."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    kind: EvidenceKind
    issuer: str | None = Field(default=None, min_length=1, max_length=140)
    number: str | None = Field(default=None, min_length=1, max_length=80)
    line: str | None = Field(default=None, min_length=1, max_length=40)
    dated: date | None = Field(default=None, alias="date")
    quantity: int | None = Field(default=None, ge=1, le=10_000)
    unit: Code | None = None
    consultation_id: Code | None = None
    transport_line: TransportLine | None = None


class ClaimLine(BaseModel):
    """A claim: so many cents for a measure of a plan, with its evidence and who is to be paid.

    `service_date` or `month` (all of a month's service) must be given; without `measure_id` the
    claim is for preparing the plan, and for a consultation both come from the consultation.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    claim_id: Code | None = None
    plan_id: Code
    measure_id: Code | None = None
    service_date: date | None = None
    month: Month | None = None
    cents: int = Field(strict=True, ge=1, le=CENTS_MAX)
    evidence: Evidence
    payee_id: Code


def digest_of(evidence: Evidence) -> bytes | None:
    """What makes evidence the same evidence everywhere; None where other limits hold instead."""
    if evidence.kind is EvidenceKind.PREPARATION:
        return None
    if evidence.kind is EvidenceKind.CONSULTATION:
        return _sha("consultation", evidence.consultation_id or "")
    return _sha(_plain(evidence.issuer), _plain(evidence.number), _plain(evidence.line))


def check_kind(evidence: Evidence, support_type: str) -> None:
    """Refuse evidence that cannot prove this type of support, or lacks what it needs."""
    if evidence.kind not in PROVES.get(support_type, frozenset()):
        raise LineRefused(
            "evidence-kind-not-for-type", kind=evidence.kind, support_type=support_type
        )
    if evidence.kind in _WITHOUT_PAPER:
        return
    if evidence.issuer is None:
        raise LineRefused("evidence-incomplete", missing="issuer")
    if evidence.number is None:
        raise LineRefused("evidence-incomplete", missing="number")


def check_transport(evidence: Evidence, scope: str) -> None:
    """Refuse a line that the place does not pay."""
    if scope == ANY_TRANSPORT:
        return
    if evidence.transport_line is None:
        raise LineRefused("transport-line-missing", scope=scope)
    if evidence.transport_line not in TRANSPORT_PAID.get(scope, frozenset()):
        raise LineRefused(
            "transport-out-of-scope", scope=scope, transport_line=evidence.transport_line
        )


def _plain(text: str | None) -> str:
    """Without spaces and in capitals, so that two ways of writing are one."""
    return "" if text is None else "".join(text.split()).upper()


def _sha(*parts: str) -> bytes:
    """SHA-256 over the parts."""
    return hashlib.sha256(SEPARATOR.join(parts).encode()).digest()
