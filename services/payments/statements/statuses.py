"""Status reports (pain.002) as lines: one for each payment, one for each file told as a whole.

A status of the whole holds for the payments that are not listed; where it is final, a listed
payment may not say otherwise. Statuses that are not final move nothing and are counted. Pure.
"""

from datetime import date
from typing import Any

from services.payments.domain import OrderState
from services.payments.statements.domain import (
    EURO,
    NO_REFERENCE,
    STATUSES,
    Line,
    Message,
    day_of,
    derived_id,
    exact_cents,
)
from services.payments.statements.entries import ENTRIES_MAX
from services.payments.statements.meanings import count_of
from services.payments.statements.reading import Place, Values, Walker, branch, text_at


class StatusReader:
    """Collects the lines of a status report while the walker passes through it."""

    def __init__(self, walker: Walker, message: Message) -> None:
        """`lines` fills up; whoever reads takes them away."""
        self.lines: list[Line] = []
        self._walker = walker
        self._message = message
        self._head: Values = {}
        self._whole: Values = {}
        self._part: Values = {}
        self._payment: Values = {}
        self._outcomes: set[OrderState] = set()
        self._no = 0

    def places(self) -> Place:
        """The map of the message."""
        payment = self._payment_places()
        whole, part = self._whole, self._part
        file = branch(
            {
                "OrgnlMsgId": text_at(whole, "OrgnlMsgId"),
                "OrgnlNbOfTxs": text_at(whole, "OrgnlNbOfTxs"),
                "OrgnlCtrlSum": text_at(whole, "OrgnlCtrlSum", exact_cents),
                "GrpSts": text_at(whole, "GrpSts"),
                "StsRsnInf": _reason(whole),
            }
        )
        pieces = branch(
            {
                "OrgnlPmtInfId": text_at(part, "OrgnlPmtInfId"),
                "OrgnlNbOfTxs": text_at(part, "OrgnlNbOfTxs"),
                "OrgnlCtrlSum": text_at(part, "OrgnlCtrlSum", exact_cents),
                "PmtInfSts": text_at(part, "PmtInfSts"),
                "StsRsnInf": _reason(part),
                "TxInfAndSts": payment,
            },
            closed=self._part_ends,
        )
        head = {
            "MsgId": text_at(self._head, "MsgId"),
            "CreDtTm": text_at(self._head, "CreDtTm", day_of),
        }
        report = branch(
            {
                "GrpHdr": branch(head, closed=self._head_ends),
                "OrgnlGrpInfAndSts": file,
                "OrgnlPmtInfAndSts": pieces,
                "TxInfAndSts": payment,
            },
            closed=self._report_ends,
        )
        return branch({"CstmrPmtStsRpt": report})

    def _payment_places(self) -> Place:
        kept = self._payment
        account = branch({"Id": branch({"IBAN": text_at(kept, "IBAN")})})
        amount = {"InstdAmt": text_at(kept, "InstdAmt")}
        day = {name: text_at(kept, "AccptncDtTm", day_of) for name in ("Dt", "DtTm")}
        accepted = text_at(kept, "AccptncDtTm", day_of)
        accepted.inside.update(day)
        return branch(
            {
                "StsId": text_at(kept, "StsId"),
                "OrgnlEndToEndId": text_at(kept, "OrgnlEndToEndId"),
                "TxSts": text_at(kept, "TxSts"),
                "StsRsnInf": _reason(kept),
                "AccptncDtTm": accepted,
                "AcctSvcrRef": text_at(kept, "AcctSvcrRef"),
                "OrgnlTxRef": branch({"Amt": branch(amount), "CdtrAcct": account}),
            },
            closed=self._payment_ends,
        )

    def _head_ends(self) -> None:
        for key in ("MsgId", "CreDtTm"):
            self._need(self._head, key)
        self._message.message_id = self._head["MsgId"]

    def _payment_ends(self) -> None:
        """A payment with a status of its own; one that is not final is counted only."""
        kept = self._payment
        self._message.entries += 1
        if self._message.entries > ENTRIES_MAX:
            raise self._walker.fault("too-many-entries", field="TxInfAndSts")
        status = kept.get("TxSts") or self._part.get("PmtInfSts") or self._whole.get("GrpSts")
        if status is None:
            raise self._walker.fault("field-missing", field="TxSts")
        outcome = STATUSES.get(status)
        if status in STATUSES and outcome is None:
            self._message.not_final += 1
        else:
            if outcome is not None:
                self._outcomes.add(outcome)
            self.lines.append(self._line(kept, status, outcome))
        kept.clear()

    def _line(self, kept: Values, status: str, outcome: OrderState | None) -> Line:
        """The line of a payment."""
        end_to_end = kept.get("OrgnlEndToEndId", "")
        if end_to_end in NO_REFERENCE:
            end_to_end = ""
        cents, currency = self._sum(kept)
        unfit = None if end_to_end else "no-end-to-end-id"
        if currency != EURO:
            unfit = "currency-differs"
        return self._made(
            status,
            outcome,
            unfit=unfit,
            end_to_end_id=end_to_end,
            about_file=self._whole.get("OrgnlMsgId", ""),
            cents=cents,
            currency=currency,
            booked_on=kept.get("AccptncDtTm") or self._head["CreDtTm"],
            reason_code=kept.get("Reason") or self._part.get("Reason") or self._whole.get("Reason"),
            entry_ref=kept.get("StsId", ""),
            bank_ref=kept.get("AcctSvcrRef", ""),
            account=kept.get("IBAN", ""),
        )

    def _sum(self, kept: Values) -> tuple[int | None, str]:
        """Cents and currency of a payment, where they are told."""
        if "InstdAmt" not in kept:
            return None, EURO
        currency = kept.get("InstdAmt_currency", "")
        try:
            return (exact_cents(kept["InstdAmt"]) if currency == EURO else None), currency
        except ValueError as error:
            raise self._walker.fault(str(error), field="InstdAmt") from None

    def _part_ends(self) -> None:
        """A status of a part of the file; our files have one part, so it stands for the whole."""
        self._whole_line(self._part, "PmtInfSts")
        self._part.clear()

    def _report_ends(self) -> None:
        self._whole_line(self._whole, "GrpSts")

    def _whole_line(self, kept: Values, key: str) -> None:
        """A line for all payments of the file, where the status of the whole is final."""
        status = kept.get(key)
        if status is None or (status in STATUSES and STATUSES[status] is None):
            return
        outcome = STATUSES.get(status)
        if outcome is not None and self._outcomes - {outcome}:
            raise self._walker.fault("status-contradicts", field=key)
        line = self._made(
            status,
            outcome,
            unfit=None,
            end_to_end_id="",
            about_file=self._need(self._whole, "OrgnlMsgId"),
            cents=kept.get("OrgnlCtrlSum"),
            currency=EURO,
            booked_on=self._head["CreDtTm"],
            reason_code=kept.get("Reason"),
            declared=count_of(kept.get("OrgnlNbOfTxs")),
        )
        self.lines.append(line)

    def _made(
        self,
        status: str,
        outcome: OrderState | None,
        *,
        unfit: str | None,
        end_to_end_id: str,
        about_file: str,
        cents: int | None,
        currency: str,
        booked_on: date,
        reason_code: str | None,
        **more: Any,
    ) -> Line:
        """A line with its number and its id; a code that is in no list is left to a person."""
        self._no += 1
        named = str(end_to_end_id or more.get("entry_ref") or self._no)
        became = (outcome or OrderState.UNKNOWN).value
        given: dict[str, Any] = {"entry_ref": "", "bank_ref": "", "account": ""} | more
        returned = outcome is OrderState.RETURNED
        return Line(
            no=self._no,
            report_id=status_report_id(self._message.message_id, about_file, named, became),
            statement_id=self._message.message_id,
            end_to_end_id=end_to_end_id,
            about_file=about_file,
            outcome=became,
            unfit="status-unknown" if outcome is None else unfit,
            cents=cents,
            currency=currency,
            booked_on=booked_on,
            reason_code=(reason_code or status) if returned else None,
            mentioned="",
            source_line=self._walker.line,
            **given,
        )

    def _need(self, kept: Values, key: str) -> Any:
        """A field that must be there."""
        if key not in kept:
            raise self._walker.fault("field-missing", field=key)
        return kept[key]


def status_report_id(message_id: str, about_file: str, named: str, outcome: str) -> str:
    """One report a message, file, order and outcome, whether it was listed or told as a part."""
    return derived_id("status", message_id, about_file, named, outcome)


def _reason(into: Values) -> Place:
    """Where the code of a reason lies."""
    return branch({"Rsn": branch({"Cd": text_at(into, "Reason")})})
