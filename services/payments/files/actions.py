"""Bank files: the approved orders of an office become one checked, immutable file a day."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime

from pydantic import ConfigDict
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.declared import Declared
from services.payments.files import store as file_rows
from services.payments.files.domain import (
    NAME_CHARACTERS_MAX,
    Head,
    Payer,
    Warned,
    parts_of,
    warnings_of,
)
from services.payments.files.store import FileRow
from services.payments.files.writing import Making, write
from services.payments.ledger import store as ledger_rows
from services.payments.orders.store import new_ids
from services.payments.payees import store as payee_rows
from services.payments.payees.iban import fault_of
from services.payments.rulebook import (
    BUDGET_CODES,
    DAY_EUR_MAX,
    LATEST_HOUR,
    LINES_MAX,
    PAYER_ACCOUNT,
    WHOLE_ADDRESSES,
    Rulebook,
)
from services.payments.store import lock_beneficiaries
from services.payments.tables import READ_LOG
from shared.auth import STATE, Person, Role
from shared.bus.outbox import publish
from shared.calendar import TIMEZONE, CalendarDay
from shared.contracts.base import RegistrationNumber
from shared.contracts.offices import BankFileIssued
from shared.errors import NotFound, Refused
from shared.privacy import log_reads
from shared.registers import municipalities, schools

OFFICE = (Role.PAYMENT_OFFICER,)
READERS = (Role.PAYMENT_OFFICER, Role.AUDITOR, Role.STATE_OFFICER)
FACT_IDS_MAX = 24_000
DAYS_AHEAD_MAX = 92
"""A file cannot be taken back: a mistyped year would hold an office's money until then."""


class NothingToPay(Refused):
    """This payment office has no approved orders to put in a file; some may wait for others."""

    code = "nothing-to-pay"


class ExecutionDatePast(Refused):
    """The execution date lies in the past; take today or a later day."""

    code = "execution-date-past"


class ExecutionDateFar(Refused):
    """The execution date lies months ahead and a file is final; take a day in the next 92."""

    code = "execution-date-far"


class AfterProjectEnd(Refused):
    """Nothing is paid after the approved end of the project."""

    code = "project-ended"


class PayerAccountMissing(Refused):
    """The office's own account is not known: set payer_account (iban, bic) for its number."""

    code = "payer-account-missing"


class BankFileUnknown(NotFound):
    """There is no such bank file."""

    code = "bank-file-unknown"


class FileWanted(Declared):
    """Make the file of an office for a day; what is declared must be what would be paid."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    partner: RegistrationNumber
    execution_date: CalendarDay


@dataclass(frozen=True)
class Issued:
    """A file as issued."""

    file: FileRow
    warnings: tuple[Warned, ...]


async def issue_bank_files(
    session: AsyncSession, wanted: FileWanted, *, by: Person, now: datetime
) -> list[Issued]:
    """Write all approved orders of the office into files, check them, keep them, tell of them.

    One file, or more where there are more lines than one may hold. All or nothing.
    """
    by.must(OFFICE, wanted.partner)
    rules = await ledger_rows.load_rulebook(session)
    _check_date(wanted.execution_date, rules, now)
    making = await _making(session, wanted, rules, by=by, now=now)
    await lock_beneficiaries(session, [wanted.partner])
    part, day_cents = await file_rows.of_day(session, wanted.partner, wanted.execution_date)
    to_pay = await file_rows.to_pay(session, wanted.partner)
    if not to_pay:
        raise NothingToPay(waiting=len(await file_rows.waiting(session, wanted.partner)))
    wanted.must_be([cents for _, cents in to_pay])
    warned = _warnings(making, rules, day_cents + sum(cents for _, cents in to_pay))
    lines_max = min(
        int(rules.value(LINES_MAX, wanted.execution_date, wanted.partner)), FACT_IDS_MAX
    )
    issued = []
    for number, orders in enumerate(parts_of(to_pay, lines_max=lines_max), start=part + 1):
        file = await _issue(session, making, orders, part=number, warned=warned)
        issued.append(Issued(file, tuple(warned)))
    return issued


async def file_of(session: AsyncSession, file_id: str, *, by: Person) -> RowMapping:
    """What is known of a file, for its office."""
    file = await file_rows.file(session, file_id)
    if file is None:
        raise BankFileUnknown()
    by.must(OFFICE, file["partner"])
    return file


async def hand_over(session: AsyncSession, file: RowMapping, *, by: Person, now: datetime) -> None:
    """Give a file to its office: the read is logged, and its orders count as sent."""
    await log_reads(
        session,
        READ_LOG,
        reader=by,
        subject_refs=[f"bank-file:{file['file_id']}"],
        fields=payee_rows.FIELDS,
        reason="bank file downloaded",
        now=now,
    )
    await file_rows.hand_over(session, file["partner"], file["file_id"])


async def issued_files(
    session: AsyncSession,
    partner: str,
    *,
    since: datetime | None,
    after: int,
    limit: int,
    by: Person,
) -> list[tuple[int, BankFileIssued]]:
    """A page of an office's files as its topic tells of them, with their numbers."""
    by.must(READERS, partner, STATE)
    files = await file_rows.files_of(session, partner, since=since, after=after, limit=limit)
    orders = await file_rows.orders_of_files(session, partner, [file.file_id for _, file in files])
    return [(number, _fact(file, orders[file.file_id])) for number, file in files]


def pieces(session: AsyncSession, file_id: str) -> AsyncIterator[bytes]:
    """The pieces of a file."""
    return file_rows.pieces(session, file_id)


def _check_date(day: date, rules: Rulebook, now: datetime) -> None:
    """Not in the past, not far ahead, not after the project's end."""
    today = now.astimezone(TIMEZONE).date()
    if day < today:
        raise ExecutionDatePast(field="execution_date")
    if (day - today).days > DAYS_AHEAD_MAX:
        raise ExecutionDateFar(field="execution_date", days_max=DAYS_AHEAD_MAX)
    end = rules.project_end(day)
    if end is not None and day > end:
        raise AfterProjectEnd(field="execution_date", end=end.isoformat())


async def _making(
    session: AsyncSession, wanted: FileWanted, rules: Rulebook, *, by: Person, now: datetime
) -> Making:
    """Who pays from which account, and the names of schools."""
    places = (wanted.partner,)
    account = rules.find(PAYER_ACCOUNT, wanted.execution_date, *places)
    iban = "".join(str((account or {}).get("iban", "")).split())
    if fault_of(iban) is not None:
        raise PayerAccountMissing(parameter=PAYER_ACCOUNT, place=wanted.partner)
    known = await schools(session)
    own = next((s.name_lv for s in known.values() if s.partner == wanted.partner), wanted.partner)
    town = (await municipalities(session, places)).get(wanted.partner)
    name = account.get("name") or (town.name_lv if town else own)
    return Making(
        wanted.partner,
        wanted.execution_date,
        by,
        now,
        Payer(name[:NAME_CHARACTERS_MAX], wanted.partner, iban, account.get("bic")),
        {school_id: school.name_lv for school_id, school in known.items()},
        rules.value(BUDGET_CODES, wanted.execution_date, *places),
        bool(rules.find(WHOLE_ADDRESSES, wanted.execution_date, *places)),
    )


def _warnings(making: Making, rules: Rulebook, day_cents: int) -> list[Warned]:
    """What the office should know before it sends the files of the day."""
    day = making.execution_date
    return warnings_of(
        day_cents=day_cents,
        execution_date=day,
        local_now=making.now.astimezone(TIMEZONE),
        limits={
            "day_eur": rules.value(DAY_EUR_MAX, day, making.partner),
            "latest_hour": rules.value(LATEST_HOUR, day, making.partner),
        },
    )


async def _issue(
    session: AsyncSession,
    making: Making,
    orders: Mapping[str, int],
    *,
    part: int,
    warned: Sequence[Warned],
) -> FileRow:
    """Write one file piece by piece, check what was written, keep and tell it."""
    file_id = new_ids(1, making.now)[0]
    head = Head(
        file_id,
        making.now.astimezone(TIMEZONE),
        making.execution_date,
        making.payer,
        len(orders),
        sum(orders.values()),
    )
    written = await write(session, making, head, list(orders))
    file = FileRow(
        file_id,
        making.partner,
        written.sha256,
        making.by.subject,
        making.execution_date,
        part,
        head.count,
        head.cents,
        written.size,
        json.dumps([asdict(w) for w in warned], ensure_ascii=False),
        making.now,
    )
    await file_rows.insert_file(session, file)
    await file_rows.set_in_file(session, file_id, written.by_version)
    await publish(session, [*written.told, _fact(file, list(orders))], at=making.now)
    return file


def _fact(file: FileRow, order_ids: Sequence[str]) -> BankFileIssued:
    """What the office is told of the file."""
    return BankFileIssued(
        partner=file.partner,
        file_id=file.file_id,
        execution_date=file.execution_date,
        count=file.payments,
        cents=file.cents,
        sha256=file.sha256,
        order_ids=tuple(order_ids),
        issued_at=file.issued_at.astimezone(UTC),
    )
