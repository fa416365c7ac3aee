"""Code lists payments owns: reasons of refusals, kinds of evidence, states, payees."""

from services.payments.claims.evidence import REQUIRED, EvidenceKind
from services.payments.days.reasons import SENTENCES, Why
from services.payments.domain import OrderState
from services.payments.partner_reports.domain import VERDICT_REASONS
from services.payments.refusals import REASONS
from services.payments.reports.domain import WORK_LIST_REASONS
from services.payments.statements.domain import FAULTS, STATUSES, UNFIT
from services.payments.statements.reasons import RETURN_REASONS
from shared.code_lists import CodeEntry
from shared.contracts.payments import PayeeKind

_EVIDENCE = {
    EvidenceKind.CONSULTATION: ("apstiprināta konsultācija", "confirmed consultation"),
    EvidenceKind.PREPARATION: ("plāna sagatavošanas stundas", "hours of preparing a plan"),
    EvidenceKind.TICKET: ("biļete", "ticket"),
    EvidenceKind.INVOICE: ("rēķins", "invoice"),
    EvidenceKind.RECEIPT: ("čeks vai kvīts", "receipt"),
    EvidenceKind.VOUCHER: ("talons", "voucher"),
}
_STATES = {
    OrderState.DRAFT: ("sagatavots", "draft"),
    OrderState.APPROVED: ("apstiprināts", "approved"),
    OrderState.IN_FILE: ("bankas failā", "in a bank file"),
    OrderState.SENT: ("nodots birojam", "handed to the office"),
    OrderState.SETTLED: ("samaksāts", "paid"),
    OrderState.RETURNED: ("atgriezts", "returned"),
    OrderState.CANCELLED: ("atcelts", "cancelled"),
    OrderState.UNKNOWN: ("iznākums nav zināms", "outcome unknown"),
}
_PAYEES = {
    PayeeKind.PUPIL: ("skolēns", "pupil"),
    PayeeKind.PARENT: ("vecāks", "parent"),
    PayeeKind.SPECIALIST: ("speciālists", "specialist"),
    PayeeKind.PROVIDER: ("pakalpojuma sniedzējs", "provider"),
    PayeeKind.ORGANISATION: ("organizācija", "organisation"),
}

CODE_LISTS: dict[str, tuple[CodeEntry, ...]] = {
    "payment_refusal": tuple(
        CodeEntry(code=r.code, label_lv=r.lv, label_en=r.en, attributes={"field": r.field})
        for r in REASONS.values()
    ),
    "day_refusal": tuple(
        CodeEntry(code=why.value, label_lv=SENTENCES[why][0], label_en=SENTENCES[why][1])
        for why in Why
    ),
    "report_unfit": tuple(
        CodeEntry(code=code, label_lv=lv, label_en=en)
        for code, (lv, en) in {**WORK_LIST_REASONS, **UNFIT}.items()
    ),
    "bank_answer_fault": tuple(
        CodeEntry(code=code, label_lv=lv, label_en=en) for code, (lv, en) in FAULTS.items()
    ),
    "bank_status": tuple(
        CodeEntry(
            code=code,
            label_lv=_STATES[outcome][0] if outcome else "vēl nav galīgs",
            label_en=_STATES[outcome][1] if outcome else "not final yet",
            attributes={"order_state": outcome.value if outcome else None},
        )
        for code, outcome in STATUSES.items()
    ),
    "return_reason": tuple(
        CodeEntry(
            code=code,
            label_lv=reason.lv,
            label_en=reason.en,
            attributes={"cure_lv": reason.cure_lv, "cure_en": reason.cure_en},
        )
        for code, reason in RETURN_REASONS.items()
    ),
    "verdict_reason": tuple(
        CodeEntry(code=code, label_lv=lv, label_en=en) for code, (lv, en) in VERDICT_REASONS.items()
    ),
    "evidence_kind": tuple(
        CodeEntry(
            code=kind.value,
            label_lv=lv,
            label_en=en,
            attributes={
                "proves": [str(t) for t, kinds in REQUIRED.items() if kind in kinds],
                "fields": {
                    str(t): list(kinds[kind]) for t, kinds in REQUIRED.items() if kind in kinds
                },
            },
        )
        for kind, (lv, en) in _EVIDENCE.items()
    ),
    "order_state": tuple(
        CodeEntry(code=state.value, label_lv=lv, label_en=en) for state, (lv, en) in _STATES.items()
    ),
    "payee_kind": tuple(
        CodeEntry(code=kind.value, label_lv=lv, label_en=en) for kind, (lv, en) in _PAYEES.items()
    ),
}
