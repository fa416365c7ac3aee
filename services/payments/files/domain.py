"""The bank file: ISO 20022 pain.001.001.03, written piece by piece so that memory stays flat.

Source: the elements by the message's published definition and the Treasury's pages; the
Treasury's own profile is not public, so what it may want besides is a parameter or a gap.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from services.payments.files.working_days import is_working_day, next_working_day
from shared.money import euro

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"
NAME_CHARACTERS_MAX = 70
REMITTANCE_CHARACTERS_MAX = 140
BUDGET_CHARACTERS_MAX = 35
ID_CHARACTERS_MAX = 35


@dataclass(frozen=True, slots=True)
class Payer:
    """The payment office that pays: its name, registration number and account."""

    name: str
    registration_number: str
    iban: str
    bic: str | None


@dataclass(frozen=True, slots=True)
class Head:
    """What a file says of itself before its payments; count and cents are what was ordered."""

    file_id: str
    created_at: datetime
    execution_date: date
    payer: Payer
    count: int
    cents: int


class Payment(NamedTuple):
    """One payment of a file; the end-to-end id is the order's id.

    From the name on it says who is paid for whom: the same in many payments of a file.
    """

    order_id: str
    cents: int
    purpose: str
    name: str
    iban: str
    ultimate_debtor: str
    budget_payer: str
    budget_payee: str
    code: str | None = None
    person: bool = True
    town: str | None = None
    country: str | None = None


_PAYEE = Payment._fields.index("name")


@dataclass
class Writer:
    """Writes one file and counts what it wrote."""

    head: Head
    count: int = 0
    cents: int = 0
    ended: bool = False

    def begin(self) -> bytes:
        """Everything before the first payment."""
        head, payer = self.head, self.head.payer
        agent = f"<BIC>{payer.bic}</BIC>" if payer.bic else "<Othr><Id>NOTPROVIDED</Id></Othr>"
        party = (
            f"<Nm>{escape(payer.name)}</Nm>"
            f"<Id><OrgId><Othr><Id>{payer.registration_number}</Id></Othr></OrgId></Id>"
        )
        created = head.created_at.replace(microsecond=0, tzinfo=None).isoformat()
        sums = f"<NbOfTxs>{head.count}</NbOfTxs><CtrlSum>{euro(head.cents)}</CtrlSum>"
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<Document xmlns="{NAMESPACE}"><CstmrCdtTrfInitn>\n'
            f"<GrpHdr><MsgId>{head.file_id}</MsgId><CreDtTm>{created}</CreDtTm>{sums}"
            f"<InitgPty>{party}</InitgPty></GrpHdr>\n"
            f"<PmtInf><PmtInfId>{head.file_id}</PmtInfId><PmtMtd>TRF</PmtMtd>"
            f"<BtchBookg>false</BtchBookg>{sums}"
            "<PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl></PmtTpInf>"
            f"<ReqdExctnDt>{head.execution_date.isoformat()}</ReqdExctnDt>"
            f"<Dbtr>{party}</Dbtr>"
            f"<DbtrAcct><Id><IBAN>{payer.iban}</IBAN></Id><Ccy>EUR</Ccy></DbtrAcct>"
            f"<DbtrAgt><FinInstnId>{agent}</FinInstnId></DbtrAgt><ChrgBr>SLEV</ChrgBr>\n"
        ).encode()

    def write(self, payments: Sequence[Payment]) -> bytes:
        """The next payments."""
        written: dict[tuple[Any, ...], str] = {}
        parts = []
        for payment in payments:
            payee = payment[_PAYEE:]
            if payee not in written:
                written[payee] = _payee(payment)
            parts.append(_transaction(payment, written[payee]))
        self.count += len(payments)
        self.cents += sum(payment.cents for payment in payments)
        return "".join(parts).encode()

    def end(self) -> bytes:
        """Everything after the last payment; the file must hold what its head announced."""
        assert (self.count, self.cents) == (self.head.count, self.head.cents), (
            self.count,
            self.cents,
        )
        self.ended = True
        return b"</PmtInf></CstmrCdtTrfInitn></Document>\n"


def _transaction(payment: Payment, payee: str) -> str:
    """One payment as an element; who is paid for whom is written already."""
    cents = payment.cents
    return (
        f"<CdtTrfTxInf><PmtId><EndToEndId>{payment.order_id}</EndToEndId></PmtId>"
        f'<Amt><InstdAmt Ccy="EUR">{cents // 100}.{cents % 100:02d}</InstdAmt></Amt>{payee}'
        f"<RmtInf><Ustrd>{escape(payment.purpose)}</Ustrd></RmtInf></CdtTrfTxInf>\n"
    )


def _payee(payment: Payment) -> str:
    """For whom is paid, to whom, and from which budget to which."""
    return (
        f"<UltmtDbtr><Nm>{escape(payment.ultimate_debtor)}</Nm></UltmtDbtr>"
        f"<Cdtr><Nm>{escape(payment.name)}</Nm>{_address(payment)}{_code(payment)}</Cdtr>"
        f"<CdtrAcct><Id><IBAN>{payment.iban}</IBAN></Id></CdtrAcct>"
        f"<RgltryRptg><Dtls><Inf>{escape(payment.budget_payer)}</Inf>"
        f"<Inf>{escape(payment.budget_payee)}</Inf></Dtls></RgltryRptg>"
    )


def _address(payment: Payment) -> str:
    """A structured address, the only kind that SEPA takes from November 2026."""
    if payment.country is None:
        return ""
    town = f"<TwnNm>{escape(payment.town)}</TwnNm>" if payment.town else ""
    return f"<PstlAdr>{town}<Ctry>{payment.country}</Ctry></PstlAdr>"


def _code(payment: Payment) -> str:
    """The payee's personal code or registration number, which a Treasury account needs."""
    if payment.code is None:
        return ""
    kind = "PrvtId" if payment.person else "OrgId"
    return f"<Id><{kind}><Othr><Id>{escape(payment.code)}</Id></Othr></{kind}></Id>"


def purpose(support_lv: str, month: str, plan_code: str | None) -> str:
    """The text the payee reads on the account, without any name."""
    words = ["PuMPuRS", support_lv, month, plan_code or ""]
    return " ".join(word for word in words if word)[:REMITTANCE_CHARACTERS_MAX]


def parts_of(order_cents: Sequence[tuple[str, int]], *, lines_max: int) -> list[dict[str, int]]:
    """The orders of a day cut into files of so many lines at most, in the order given."""
    return [
        dict(order_cents[start : start + lines_max])
        for start in range(0, len(order_cents), lines_max)
    ]


@dataclass(frozen=True, slots=True)
class Warned:
    """Something the office should know before it sends the file; nothing is held back."""

    code: str
    message_lv: str
    message_en: str


def warnings_of(
    *, day_cents: int, execution_date: date, local_now: datetime, limits: Mapping[str, int]
) -> list[Warned]:
    """Warn of a large sum of a day, of orders after the last hour, of a day nobody pays on."""
    warned = []
    following = next_working_day(execution_date)
    if day_cents > limits["day_eur"] * 100:
        warned.append(
            Warned(
                "day-sum-to-announce",
                f"Dienas summa pārsniedz {limits['day_eur']} EUR: piesakiet iepriekšējā "
                "darbdienā līdz 12.30.",
                f"the day's sum is above {limits['day_eur']} EUR: announce it on the working "
                "day before by 12:30",
            )
        )
    if execution_date == local_now.date() and local_now.hour >= limits["latest_hour"]:
        warned.append(
            Warned(
                "after-last-hour",
                f"Pēc plkst. {limits['latest_hour']}.00 uzdevums skaitās nākamās darbdienas: "
                f"{following.isoformat()}.",
                f"after {limits['latest_hour']}:00 the orders count as the next working day's, "
                f"{following.isoformat()}",
            )
        )
    if not is_working_day(execution_date):
        warned.append(
            Warned(
                "not-a-working-day",
                f"{execution_date.isoformat()} nav darbdiena: samaksās {following.isoformat()}.",
                f"{execution_date.isoformat()} is no working day: it is paid on "
                f"{following.isoformat()}",
            )
        )
    return warned
