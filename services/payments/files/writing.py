"""Writing one bank file piece by piece: read, render, check, keep; memory stays flat."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from itertools import islice

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


async def write(
    session: AsyncSession, making: Making, head: Head, order_ids: Sequence[str]
) -> tuple[list[Fact], int, str]:
    """Write, check and keep all pieces of a file; returns the facts, the bytes, the digest."""
    writer, digest = Writer(head), hashlib.sha256()
    checker = Checker(whole_addresses=making.whole_addresses)
    told: list[Fact] = []
    size = no = 0
    ids = iter(order_ids)
    piece = writer.begin()
    while piece:
        checker.feed(piece)
        digest.update(piece)
        size, no = size + len(piece), no + 1
        await file_rows.insert_chunk(session, head.file_id, no, piece)
        page = list(islice(ids, PIECE_LINES))
        if page:
            orders = await file_rows.lines(session, page)
            piece = writer.write(await _payments(session, making, orders, head.file_id))
            told += _orders_issued(making, orders, head.file_id)
        else:
            piece = b"" if writer.ended else writer.end()
    _must_be_right(checker, head, order_ids)
    return told, size, digest.hexdigest()


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


async def _payments(
    session: AsyncSession, making: Making, orders: Sequence[ToPay], file_id: str
) -> Iterator[Payment]:
    """The payments of some orders, with names and accounts; the read is logged."""
    partner = making.partner
    payees = await payee_rows.read_payees(
        session,
        {(partner, order.payee_id) for order in orders},
        day=making.execution_date,
        reader=making.by,
        reason=f"bank file {file_id}",
        now=making.now,
    )
    return (_payment(making, order, payees[partner, order.payee_id]) for order in orders)


def _payment(making: Making, order: ToPay, payee: OpenPayee) -> Payment:
    """One payment."""
    debtor = making.schools.get(order.school_id or "", making.payer.name)
    return Payment(
        order_id=order.order_id,
        cents=order.cents,
        name=payee.details.name,
        iban=payee.details.account,
        ultimate_debtor=debtor[:NAME_CHARACTERS_MAX],
        purpose=purpose(NAMES[order.support_type].lv, order.month, order.plan_code),
        budget_payer=making.budget["payer"],
        budget_payee=making.budget["payee"],
        code=payee.details.code,
        person=order.payee_kind in PERSONS,
        town=payee.details.town,
        country=payee.details.country,
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
