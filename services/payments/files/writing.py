"""Writing one bank file piece by piece: read, render, check, keep; memory stays flat."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.files import store as file_rows
from services.payments.files.check import Checker
from services.payments.files.domain import (
    NAME_CHARACTERS_MAX,
    Head,
    Payer,
    Payment,
    Writer,
    purpose,
)
from services.payments.files.store import ToPay
from services.payments.ledger.explanation import NAMES
from services.payments.payees import store as payee_rows
from services.payments.payees.store import OpenPayee
from shared.auth import Person
from shared.contracts.base import Fact
from shared.contracts.offices import OrderIssued
from shared.errors import Refused

PIECE_LINES = 1_000
PERSONS = frozenset({"pupil", "parent", "specialist"})


class BankFileFaulty(Refused):
    """The file did not pass its checks; nothing was issued. Each finding names line and cure."""

    code = "bank-file-faulty"


@dataclass(frozen=True)
class Making:
    """What all files of one command share."""

    partner: str
    execution_date: date
    by: Person
    now: datetime
    payer: Payer
    schools: Mapping[str, str]
    budget: Mapping[str, str]
    whole_addresses: bool = False


@dataclass
class Written:
    """A file as written: what is told of it, its bytes, its digest.

    `by_version` has its orders by the version of the payee that they are paid to.
    """

    told: list[Fact] = field(default_factory=list)
    by_version: dict[int, list[str]] = field(default_factory=dict)
    size: int = 0
    sha256: str = ""


async def write(
    session: AsyncSession, making: Making, head: Head, order_ids: Sequence[str]
) -> Written:
    """Write, check and keep all pieces of a file."""
    writer, digest, written = Writer(head), hashlib.sha256(), Written()
    checker = Checker(whole_addresses=making.whole_addresses)
    no = 0
    ids = iter(order_ids)
    piece = writer.begin()
    while piece:
        checker.feed(piece)
        digest.update(piece)
        written.size, no = written.size + len(piece), no + 1
        await file_rows.insert_chunk(session, head.file_id, no, piece)
        page = list(islice(ids, PIECE_LINES))
        if page:
            orders = await file_rows.lines(session, page)
            payees = await _payees(session, making, orders, head.file_id)
            piece = writer.write(_payments(making, orders, payees))
            for order in orders:
                version = payees[order.payee_id].version
                written.by_version.setdefault(version, []).append(order.order_id)
            written.told += _orders_issued(making, orders, head.file_id)
        else:
            piece = b"" if writer.ended else writer.end()
    _must_be_right(checker, head, order_ids)
    written.sha256 = digest.hexdigest()
    return written


def _must_be_right(checker: Checker, head: Head, order_ids: Sequence[str]) -> None:
    """Refuse a file with findings; count and sum are those read back from what was written."""
    findings = checker.close()
    if findings:
        raise BankFileFaulty(
            findings=[
                asdict(f) | {"order_id": order_ids[f.line - 1] if f.line else None}
                for f in findings
            ]
        )
    assert (checker.count, checker.cents) == (head.count, head.cents)


async def _payees(
    session: AsyncSession, making: Making, orders: Sequence[ToPay], file_id: str
) -> dict[str, OpenPayee]:
    """The payees of some orders by id, with names and accounts; the read is logged."""
    partner = making.partner
    read = await payee_rows.read_payees(
        session,
        {(partner, order.payee_id) for order in orders},
        day=making.execution_date,
        reader=making.by,
        reason=f"bank file {file_id}",
        now=making.now,
    )
    return {payee_id: payee for (_, payee_id), payee in read.items()}


def _payments(
    making: Making, orders: Sequence[ToPay], payees: Mapping[str, OpenPayee]
) -> list[Payment]:
    """The payments of some orders; who is paid for whom is put together once for all of them."""
    known: dict[tuple[str | None, str, str], tuple[Any, ...]] = {}
    payments = []
    for order in orders:
        key = order.school_id, order.payee_id, order.payee_kind
        if key not in known:
            known[key] = _whom(making, order, payees[order.payee_id])
        text = purpose(NAMES[order.support_type].lv, order.month, order.plan_code)
        payments.append(Payment(order.order_id, order.cents, text, *known[key]))
    return payments


def _whom(making: Making, order: ToPay, payee: OpenPayee) -> tuple[Any, ...]:
    """Who is paid for whom, in the order of a payment's fields."""
    details = payee.details
    debtor = making.schools.get(order.school_id or "", making.payer.name)
    return (
        details.name,
        details.account,
        debtor[:NAME_CHARACTERS_MAX],
        making.budget["payer"],
        making.budget["payee"],
        details.code,
        order.payee_kind in PERSONS,
        details.town,
        details.country,
    )


def _orders_issued(making: Making, orders: Sequence[ToPay], file_id: str) -> Iterator[OrderIssued]:
    """What the office is told of each order."""
    for order in orders:
        yield OrderIssued(
            partner=making.partner,
            order_id=order.order_id,
            version=order.version + 1,
            file_id=file_id,
            cents=order.cents,
            support_type=order.support_type,
        )
