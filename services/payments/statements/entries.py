"""Statements and notices (camt.053, camt.054) as lines: one for each payment of a booked entry.

Read by local names, so every version of the message is read alike: from .08 on the status of an
entry lies one element deeper, and a payment has its own amount. Pure.
"""

from collections import Counter
from typing import Any

from services.payments.statements.domain import (
    NO_REFERENCE,
    SETTLED,
    Line,
    Message,
    Totals,
    day_of,
    derived_id,
    exact_cents,
)
from services.payments.statements.meanings import (
    Money,
    count_of,
    is_reversal,
    meaning,
    told_sum,
    unfit,
)
from services.payments.statements.mentions import order_mentioned
from services.payments.statements.reading import Place, Values, Walker, branch, text_at

ENTRIES_MAX = 250_000
DETAILS_MAX = 25_000
STATEMENTS_MAX = 1_000
OPENING, CLOSING = ("OPBD", "PRCD"), ("CLBD",)
BOOKED = "BOOK"


class EntryReader:
    """Collects the lines of a statement or notice while the walker passes through it."""

    def __init__(self, walker: Walker, message: Message) -> None:
        """`lines` fills up as entries close; whoever reads takes them away."""
        self.lines: list[Line] = []
        self._walker = walker
        self._message = message
        self._head: Values = {}
        self._statement: Values = {}
        self._balance: Values = {}
        self._entry: Values = {}
        self._payment: Values = {}
        self._payments: list[Values] = []
        self._totals: list[Totals] = []
        self._balances: dict[str, int] = {}
        self._booked = self._entries = self._pending = self._no = 0

    def places(self) -> Place:
        """The map of the message."""
        statement = branch(
            {
                "Id": text_at(self._statement, "Stmt/Id"),
                "Acct": branch({"Id": branch({"IBAN": text_at(self._statement, "Acct/Id/IBAN")})}),
                "Bal": self._balance_places(),
                "TxsSummry": branch(
                    {"TtlNtries": branch({"NbOfNtries": text_at(self._statement, "NbOfNtries")})}
                ),
                "Ntry": self._entry_places(),
            },
            closed=self._statement_ends,
        )
        message = branch(
            {
                "GrpHdr": branch({"MsgId": text_at(self._head, "MsgId")}, closed=self._head_ends),
                "Stmt": statement,
                "Ntfctn": statement,
            }
        )
        return branch({"BkToCstmrStmt": message, "BkToCstmrDbtCdtNtfctn": message})

    def _balance_places(self) -> Place:
        kept = self._balance
        return branch(
            {
                "Tp": branch({"CdOrPrtry": branch({"Cd": text_at(kept, "Bal/Tp")})}),
                "Amt": text_at(kept, "Bal/Amt", exact_cents),
                "CdtDbtInd": text_at(kept, "Bal/CdtDbtInd"),
            },
            closed=self._balance_ends,
        )

    def _entry_places(self) -> Place:
        kept = self._entry
        status = text_at(kept, "Ntry/Sts")
        status.inside["Cd"] = text_at(kept, "Ntry/Sts")
        day = {name: text_at(kept, "Ntry/BookgDt", day_of) for name in ("Dt", "DtTm")}
        value_day = {name: text_at(kept, "Ntry/ValDt", day_of) for name in ("Dt", "DtTm")}
        batch = {
            "MsgId": text_at(kept, "Btch/MsgId"),
            "PmtInfId": text_at(kept, "Btch/PmtInfId"),
            "NbOfTxs": text_at(kept, "Btch/NbOfTxs"),
        }
        return branch(
            {
                "NtryRef": text_at(kept, "Ntry/NtryRef"),
                "Amt": text_at(kept, "Ntry/Amt", exact_cents),
                "CdtDbtInd": text_at(kept, "Ntry/CdtDbtInd"),
                "RvslInd": text_at(kept, "Ntry/RvslInd"),
                "Sts": status,
                "BookgDt": branch(day),
                "ValDt": branch(value_day),
                "AcctSvcrRef": text_at(kept, "Ntry/AcctSvcrRef"),
                "NtryDtls": branch({"Btch": branch(batch), "TxDtls": self._payment_places()}),
            },
            closed=self._entry_ends,
        )

    def _payment_places(self) -> Place:
        kept = self._payment
        code = branch({"Cd": text_at(kept, "RtrInf/Rsn/Cd")})
        other = {"Id": branch({"IBAN": text_at(kept, "IBAN")})}
        parties = {"CdtrAcct": branch(other)}
        payer = branch({"Id": branch({"IBAN": text_at(kept, "DbtrAcct/IBAN")})})
        return branch(
            {
                "Refs": branch(
                    {
                        "EndToEndId": text_at(kept, "EndToEndId"),
                        "AcctSvcrRef": text_at(kept, "Refs/AcctSvcrRef"),
                    }
                ),
                "Amt": text_at(kept, "TxDtls/Amt"),
                "CdtDbtInd": text_at(kept, "TxDtls/CdtDbtInd"),
                "AmtDtls": branch(
                    {
                        "TxAmt": branch({"Amt": text_at(kept, "TxAmt")}),
                        "InstdAmt": branch({"Amt": text_at(kept, "InstdAmt")}),
                    }
                ),
                "RltdPties": branch(parties | {"DbtrAcct": payer}),
                "RmtInf": branch({"Ustrd": text_at(kept, "Ustrd")}),
                "RtrInf": branch({"Rsn": code, "AddtlInf": text_at(kept, "RtrInf/AddtlInf")}),
            },
            closed=self._payment_ends,
        )

    def _head_ends(self) -> None:
        self._message.message_id = self._need(self._head, "MsgId")

    def _balance_ends(self) -> None:
        """Of several balances of a kind the first opens and the last closes."""
        kept = self._balance
        kind = kept.get("Bal/Tp", "")
        if "Bal/Amt" in kept:
            sign = -1 if self._need(kept, "Bal/CdtDbtInd") == "DBIT" else 1
            if kind in OPENING:
                self._balances.setdefault("opening", sign * kept["Bal/Amt"])
            elif kind in CLOSING:
                self._balances["closing"] = sign * kept["Bal/Amt"]
        kept.clear()

    def _payment_ends(self) -> None:
        if len(self._payments) == DETAILS_MAX:
            raise self._walker.fault("too-many-entries", field="TxDtls")
        self._payments.append(self._payment.copy())
        self._payment.clear()

    def _entry_ends(self) -> None:
        """A booked entry becomes one line a payment; what is only pending is counted."""
        entry, payments, message = self._entry, self._payments, self._message
        try:
            cents, direction, status = entry["Ntry/Amt"], entry["Ntry/CdtDbtInd"], entry["Ntry/Sts"]
        except KeyError as missing:
            raise self._walker.fault("field-missing", field=missing.args[0]) from None
        message.entries += 1
        if message.entries > ENTRIES_MAX:
            raise self._walker.fault("too-many-entries", field="Ntry")
        if status == BOOKED:
            self._entries += 1
            self._booked += -cents if direction == "DBIT" else cents
            if len(payments) > 1:
                self._add_lines(entry, payments)
            else:
                payment = payments[0] if payments else {}
                told = self._told(payment, entry, alone=True)
                self.lines.append(self._line(entry, payment, told, None))
        else:
            self._pending += 1
            message.not_final += 1
        entry.clear()
        payments.clear()

    def _add_lines(self, entry: Values, payments: list[Values]) -> None:
        """The lines of an entry of several payments, whose sums must make the entry's."""
        told = [self._told(payment, entry, alone=False) for payment in payments]
        differs = sum(cents or 0 for cents, _ in told) != entry["Ntry/Amt"]
        seen: Counter[str] = Counter()
        for payment, money in zip(payments, told, strict=True):
            line = self._line(entry, payment, money, seen)
            self.lines.append(line._replace(unfit="batch-sum-differs") if differs else line)

    def _told(self, payment: Values, entry: Values, *, alone: bool) -> Money:
        """Cents and currency of a payment."""
        try:
            return told_sum(payment, entry, alone=alone)
        except ValueError as error:
            raise self._walker.fault(str(error), field="TxDtls/Amt") from None

    def _line(
        self, entry: Values, payment: Values, money: Money, seen: Counter[str] | None
    ) -> Line:
        """One payment of a booked entry; `seen` are the ids of those told with it."""
        self._no += 1
        cents, currency = money
        end_to_end = payment.get("EndToEndId", "")
        if end_to_end in NO_REFERENCE:
            end_to_end = ""
        batch = "" if payment or end_to_end else entry.get("Btch/MsgId", "")
        reversal = is_reversal(entry)
        outcome, unclear = meaning(entry, payment, reversal=reversal)
        returns = outcome != SETTLED
        bank_ref = payment.get("Refs/AcctSvcrRef") or entry.get("Ntry/AcctSvcrRef", "")
        return Line(
            self._no,
            self._report_id(entry, payment, bank_ref, (reversal, cents), seen),
            self._statement.get("Stmt/Id", ""),
            entry.get("Ntry/NtryRef", ""),
            bank_ref,
            end_to_end,
            batch,
            outcome,
            unfit(unclear, currency, named=bool(end_to_end or batch)),
            cents,
            currency,
            entry.get("Ntry/BookgDt") or self._need(entry, "Ntry/ValDt"),
            payment.get("RtrInf/Rsn/Cd") if returns else None,
            payment.get("DbtrAcct/IBAN" if returns else "IBAN", ""),
            order_mentioned(payment.get("Ustrd", "")),
            self._walker.line,
            count_of(entry.get("Btch/NbOfTxs")) if batch else None,
        )

    def _report_id(
        self,
        entry: Values,
        payment: Values,
        bank_ref: str,
        told: tuple[bool, int | None],
        seen: Counter[str] | None,
    ) -> str:
        """The same booking in another message gets the same id, where the bank gave it a reference.

        Without one the id follows from message, statement and place.
        """
        if bank_ref in NO_REFERENCE:
            statement_id = self._statement.get("Stmt/Id", "")
            return derived_id("place", statement_id, self._message.message_id, str(self._no))
        reversal, cents = told
        parts = (
            "booking",
            self._statement.get("Acct/Id/IBAN", ""),
            bank_ref,
            payment.get("EndToEndId", ""),
            entry["Ntry/CdtDbtInd"],
            str(reversal),
            str(cents),
        )
        booking = derived_id(*parts)
        if seen is None:
            return booking
        seen[booking] += 1
        return booking if seen[booking] == 1 else derived_id(*parts, str(seen[booking]))

    def _statement_ends(self) -> None:
        """Keep the totals of the statement, and begin the next with nothing."""
        if len(self._totals) == STATEMENTS_MAX:
            raise self._walker.fault("too-many-entries", field="Stmt")
        self._totals.append(
            Totals(
                statement_id=self._need(self._statement, "Stmt/Id"),
                account=self._statement.get("Acct/Id/IBAN", ""),
                opening=self._balances.get("opening"),
                closing=self._balances.get("closing"),
                booked=self._booked,
                entries=self._entries,
                pending=self._pending,
                declared_entries=count_of(self._statement.get("NbOfNtries")),
            )
        )
        self._message.statements = self._totals
        self._booked = self._entries = self._pending = 0
        self._balances.clear()
        self._statement.clear()

    def _need(self, kept: Values, key: str) -> Any:
        """A field that must be there."""
        if key not in kept:
            raise self._walker.fault("field-missing", field=key)
        return kept[key]
