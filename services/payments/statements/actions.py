"""A bank's answer is taken whole or not at all, in one transaction and in flat memory.

First the file is read to its end and its lines are kept; only then is any order moved, piece by
piece, by the action that takes the offices' own reports. So a fault in the last line undoes
nothing, because nothing was done, and a crash at any point leaves the file as if never sent.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.domain import OrderState
from services.payments.ledger import store as ledger_rows
from services.payments.payees.iban import masked
from services.payments.reports.actions import apply_in_turn
from services.payments.reports.domain import WORK_LIST, Outcome, Report
from services.payments.rulebook import PAYER_ACCOUNT
from services.payments.statements import store as answer_rows
from services.payments.statements.answer import PIECE_LINES, STATUS_REPORT, Answer
from services.payments.statements.domain import AnswerRefused, Line, Totals, derived_id
from services.payments.statements.statuses import status_report_id
from services.payments.store import lock_beneficiaries
from services.payments.threads import ended
from shared.privacy import Pseudonyms


@dataclass(frozen=True)
class BankFile:
    """A file as it came: at its beginning, with its size in bytes and its digest."""

    file: BinaryIO
    size: int
    sha256: str


@dataclass(frozen=True)
class Taken:
    """What became of a file; `repeated` where this very file was taken before."""

    repeated: bool
    head: Mapping[str, str]
    summary: Mapping[str, Any]


async def take_answer(
    session: AsyncSession, partner: str, came: BankFile, *, by: str, now: datetime
) -> Taken:
    """Take a status report, statement or notice of an office's bank; the same file changes nothing.

    Raises AnswerRefused, which names line, column and field.
    """
    # One office's files follow each other; what overlaps is then seen by the second.
    await lock_beneficiaries(session, [partner])
    before = await answer_rows.message_before(session, partner, came.sha256)
    if before is not None:
        return Taken(True, _head(before), before["summary"])
    message_no = await answer_rows.begin_message(
        session, partner=partner, sha256=came.sha256, size=came.size, by=by, at=now
    )
    answer = Answer(came.file)
    await _keep(session, partner, message_no, answer)
    await _check_accounts(session, partner, answer.message.statements)
    counts = await _apply(session, partner, message_no, now)
    message = answer.message
    head = {"kind": message.kind, "version": message.version, "message_id": message.message_id}
    summary = {
        "entries": message.entries,
        "not_final": message.not_final,
        **counts,
        "statements": [_shown(totals) for totals in message.statements],
    }
    await answer_rows.end_message(session, message_no, head, summary)
    return Taken(False, head, summary)


async def answers_of(
    session: AsyncSession, partner: str, *, before: int | None, limit: int
) -> list[RowMapping]:
    """What an office's bank answered, newest first."""
    return await answer_rows.messages_of(session, partner, before=before, limit=limit)


async def bank_lines(session: AsyncSession, order_id: str) -> list[RowMapping]:
    """The bank lines of an order, each with the digest of the file it stood in."""
    return await answer_rows.lines_of_order(session, order_id)


async def _keep(session: AsyncSession, partner: str, message_no: int, answer: Answer) -> None:
    """Read the file to its end and keep its lines; the next piece is read while one is written."""
    refs = Pseudonyms.of(session.info["settings"])
    kept = 0
    async with aclosing(_read_ahead(answer)) as pieces:
        async for lines in pieces:
            if not lines:
                await answer_rows.stay_awake(session)
                continue
            ready = await _with_whole_files(session, partner, answer, lines)
            rows = [
                (line, refs.account_ref(line.account) if line.account else "") for line in ready
            ]
            await answer_rows.keep_lines(session, message_no, kept + 1, rows)
            kept += len(rows)


async def _read_ahead(answer: Answer) -> AsyncGenerator[list[Line]]:
    """The pieces of a file, each read in a thread beside the event loop."""
    pieces = answer.pieces()
    reading = asyncio.create_task(asyncio.to_thread(next, pieces, None))
    try:
        while (lines := await reading) is not None:
            reading = asyncio.create_task(asyncio.to_thread(next, pieces, None))
            yield lines
    finally:
        await ended(reading)


async def _with_whole_files(
    session: AsyncSession, partner: str, answer: Answer, lines: Sequence[Line]
) -> Iterable[Line]:
    """Lines that speak of a bank file as a whole become one for each of its orders."""
    if not any(_is_about_whole(line) for line in lines):
        return lines
    ready: list[Line] = []
    for line in lines:
        if _is_about_whole(line):
            ready += await _orders_told(session, partner, answer, line)
        else:
            ready.append(line)
    return ready


def _is_about_whole(line: Line) -> bool:
    """Whether the line speaks of all orders of a bank file."""
    return bool(line.about_file) and not line.end_to_end_id and line.unfit is None


async def _orders_told(
    session: AsyncSession, partner: str, answer: Answer, line: Line
) -> list[Line]:
    """The lines of a file's orders; count and sum must be those of the file, where they are told.

    A statement must tell both: it carries nothing else to match by.
    """
    sums = await answer_rows.file_sums(session, partner, line.about_file)
    if sums is None:
        return [line._replace(unfit="file-unknown")]
    told = (line.declared, line.cents)
    must = answer.message.kind != STATUS_REPORT
    if any((a is None and must) or a not in (None, b) for a, b in zip(told, sums, strict=True)):
        return [line._replace(unfit="file-sum-differs")]
    message_id = answer.message.message_id
    return [
        line._replace(
            report_id=derived_id("part", line.report_id, order_id)
            if must
            else status_report_id(message_id, line.about_file, order_id, line.outcome),
            end_to_end_id=order_id,
            cents=cents,
        )
        for order_id, cents in await answer_rows.orders_of_file(session, partner, line.about_file)
    ]


async def _check_accounts(
    session: AsyncSession, partner: str, statements: Iterable[Totals]
) -> None:
    """A statement must be of an account the office pays from, now or earlier."""
    rules = await ledger_rows.load_rulebook(session)
    own = {
        "".join(str((rule.value or {}).get("iban", "")).split())
        for rule in rules.rules
        if rule.name == PAYER_ACCOUNT and rule.place == partner
    }
    for totals in statements:
        if totals.account and totals.account not in own:
            raise AnswerRefused(
                "account-not-the-offices",
                field="Acct/Id/IBAN",
                statement_id=totals.statement_id,
                account=masked(totals.account),
            )


async def _apply(
    session: AsyncSession, partner: str, message_no: int, now: datetime
) -> dict[str, Any]:
    """Report the kept lines in their order; gives how many did what."""
    await answer_rows.lock_subjects(session, message_no)
    became: Counter[Outcome] = Counter()
    pieces = _reports(session, partner, message_no, now)
    async with aclosing(apply_in_turn(session, pieces)) as applied:
        async for outcomes in applied:
            became.update(outcomes)
    results: Counter[str] = Counter()
    codes: Counter[str] = Counter()
    for outcome, lines in became.items():
        results[outcome.result] += lines
        if outcome.result == WORK_LIST and outcome.code is not None:
            codes[outcome.code] += lines
    return {
        "lines": became.total(),
        "results": dict(results),
        "work_list_codes": dict(codes),
    }


async def _reports(
    session: AsyncSession, partner: str, message_no: int, now: datetime
) -> AsyncIterator[list[Report]]:
    """The kept lines as reports of the office, piece by piece."""
    after = 0
    while lines := await answer_rows.lines_after(session, message_no, after, PIECE_LINES):
        after = lines[-1].no
        yield [_report(partner, line, now) for line in lines]


_OUTCOMES: dict[str, OrderState] = {state.value: state for state in OrderState}


def _report(partner: str, line: Any, now: datetime) -> Report:
    """A kept line as a report of the office."""
    _, report_id, order_id, about_file, outcome, unfit, cents, booked_on, reason_code = line
    return Report(
        partner,
        report_id,
        order_id,
        _OUTCOMES[outcome],
        cents,
        booked_on,
        reason_code,
        now,
        by_bank=True,
        file_id=about_file or None,
        unfit=unfit,
    )


def _head(row: RowMapping) -> dict[str, str]:
    """Which message it was."""
    return {name: row[name] for name in ("kind", "version", "message_id")}


def _shown(totals: Totals) -> dict[str, Any]:
    """A statement's totals as they are told; even the office's own account is masked."""
    return {
        "statement_id": totals.statement_id,
        "account": masked(totals.account) if totals.account else None,
        "opening_cents": totals.opening,
        "entries_cents": totals.booked,
        "closing_cents": totals.closing,
        "entries": totals.entries,
        "pending": totals.pending,
        "declared_entries": totals.declared_entries,
        "agrees": totals.agrees,
        "difference_cents": totals.difference,
    }
