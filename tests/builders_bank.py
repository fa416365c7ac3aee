"""Files a bank answers with: status reports, statements, notices, in several versions."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import httpx

from services.payments.payees.iban import with_check_digits
from tests.builders_payments import Payments
from tests.money_facts import COUNTER, OFFICE, OFFICER

OWN_ACCOUNT = with_check_digits("LV", "TREL0000000000001")
ISO = "urn:iso:std:iso:20022:tech:xsd"


@dataclass(frozen=True)
class Paid:
    """One payment of an entry as a test wants it; `bank_ref` empty: the bank gave none."""

    order_id: str | None
    amount: str = "40.00"
    direction: str = "DBIT"
    returned: str | None = None
    reversal: bool = False
    booked: str = "2021-11-17"
    status: str = "BOOK"
    bank_ref: str = field(default_factory=lambda: f"BR{next(COUNTER)}")
    currency: str = "EUR"
    account: str | None = None
    text: str | None = None


def tag(name: str, inside: Any) -> str:
    """An element, or nothing where there is nothing inside."""
    return "" if inside in (None, "") else f"<{name}>{inside}</{name}>"


def details(paid: Paid, *, version: int, amount: bool = True) -> str:
    """The details of one payment."""
    money = f'<Amt Ccy="{paid.currency}">{paid.amount}</Amt>' if amount else ""
    own = money if version >= 8 else tag("AmtDtls", tag("TxAmt", money))
    side = "DbtrAcct" if paid.returned or paid.reversal else "CdtrAcct"
    party = tag(side, tag("Id", tag("IBAN", paid.account))) if paid.account else ""
    return tag(
        "TxDtls",
        tag("Refs", tag("EndToEndId", paid.order_id))
        + own
        + tag("RltdPties", party)
        + tag("RmtInf", tag("Ustrd", paid.text))
        + tag("RtrInf", tag("Rsn", tag("Cd", paid.returned)) if paid.returned else None),
    )


def entry(*payments: Paid, version: int = 2, amount: str | None = None, batch: str = "") -> str:
    """An entry of a statement; of several payments `amount` is the sum."""
    first = payments[0]
    status = first.status if version < 8 else tag("Cd", first.status)
    inside = batch or "".join(details(p, version=version) for p in payments)
    return (
        f'<Ntry><Amt Ccy="{first.currency}">{amount or first.amount}</Amt>'
        f"{tag('CdtDbtInd', first.direction)}{tag('RvslInd', 'true' if first.reversal else '')}"
        f"{tag('Sts', status)}{tag('BookgDt', tag('Dt', first.booked))}"
        f"{tag('AcctSvcrRef', first.bank_ref)}{tag('NtryDtls', inside)}</Ntry>"
    )


def balance(kind: str, amount: str, direction: str = "CRDT") -> str:
    """A balance of a statement."""
    return (
        f"<Bal><Tp><CdOrPrtry>{tag('Cd', kind)}</CdOrPrtry></Tp>"
        f'<Amt Ccy="EUR">{amount}</Amt>{tag("CdtDbtInd", direction)}</Bal>'
    )


def statement(
    entries: Iterable[str],
    *,
    version: int = 2,
    kind: str = "camt.053",
    balances: str = "",
    account: str = OWN_ACCOUNT,
    statement_id: str = "S1",
) -> str:
    """One statement (or notice) inside a message."""
    name = "Stmt" if kind == "camt.053" else "Ntfctn"
    head = tag("Id", statement_id) + tag("Acct", tag("Id", tag("IBAN", account)))
    return tag(name, head + balances + "".join(entries))


def message(*statements: str, version: int = 2, kind: str = "camt.053", prefix: str = "") -> bytes:
    """A whole statement or notice; with a prefix every element has it."""
    name = "BkToCstmrStmt" if kind == "camt.053" else "BkToCstmrDbtCdtNtfctn"
    head = tag("GrpHdr", tag("MsgId", f"M{next(COUNTER)}") + tag("CreDtTm", "2021-11-18T08:00:00"))
    inside = tag(name, head + "".join(statements))
    if prefix:
        inside = (
            inside.replace("</", "\0").replace("<", f"<{prefix}:").replace("\0", f"</{prefix}:")
        )
    colon = f"{prefix}:" if prefix else ""
    xmlns = f"xmlns:{prefix}" if prefix else "xmlns"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{colon}Document '
        f'{xmlns}="{ISO}:{kind}.001.{version:02d}">{inside}</{colon}Document>'
    ).encode()


def a_statement(*payments: Paid, version: int = 2, kind: str = "camt.053", **more: Any) -> bytes:
    """A message with one statement, one entry for each payment."""
    entries = [entry(paid, version=version) for paid in payments]
    inside = statement(entries, version=version, kind=kind, **more)
    return message(inside, version=version, kind=kind)


def a_status(
    listed: Iterable[tuple[str, str, str | None]],
    *,
    file_id: str,
    group: str | None = None,
    version: int = 3,
    whole: str = "",
    message_id: str | None = None,
) -> bytes:
    """A status report: order, status and reason of each payment; `group` for the whole."""
    payments = "".join(
        tag(
            "TxInfAndSts",
            tag("OrgnlEndToEndId", order_id)
            + tag("TxSts", status)
            + tag("StsRsnInf", tag("Rsn", tag("Cd", reason)) if reason else None),
        )
        for order_id, status, reason in listed
    )
    about = tag("OrgnlGrpInfAndSts", tag("OrgnlMsgId", file_id) + whole + tag("GrpSts", group))
    head = tag("MsgId", message_id or f"P{next(COUNTER)}") + tag("CreDtTm", "2021-11-17T10:00:00")
    part = tag("OrgnlPmtInfAndSts", tag("OrgnlPmtInfId", file_id) + payments) if payments else ""
    inside = tag("CstmrPmtStsRpt", tag("GrpHdr", head) + about + part)
    return f'<Document xmlns="{ISO}:pain.002.001.{version:02d}">{inside}</Document>'.encode()


async def bring(
    payments: Payments, file: bytes, *, by: str = OFFICER, partner: str = OFFICE, key: str = ""
) -> httpx.Response:
    """Upload a bank's file, as its bytes are."""
    headers = payments.doors.headers(by, "2021-12-05", key or f"bank-{next(COUNTER)}")
    path = f"/offices/{partner}/bank-answers"
    return await payments.doors.client.post(path, content=file, headers=headers)


async def taken(payments: Payments, file: bytes) -> dict[str, Any]:
    """Upload a bank's file that must be taken; gives what became of it."""
    answer = await bring(payments, file)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def states(payments: Payments, *order_ids: str) -> list[str]:
    """The states of orders."""
    return [(await payments.order(order_id))["state"] for order_id in order_ids]


async def issued(payments: Payments, count: int) -> tuple[list[str], str]:
    """Orders of 40.00 in one file; gives them and the file."""
    orders = []
    for _ in range(count):
        plan_id = await payments.a_plan({"m": ("meals", {"2021-10": 4_000})})
        orders.append(await payments.an_order(plan_id, "m", 4_000))
    await payments.approve_orders(*orders)
    file = await payments.issue_file()
    assert file.status_code == 201, file.text
    return orders, file.json()["files"][0]["file_id"]
