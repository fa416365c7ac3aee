"""Money at the end of a semester: a second pair of eyes, bank files, what the offices report.

The office itself works over Kafka (`deploy/practice_office.py`), as an outsider would.
"""

from datetime import date
from typing import Any

from deploy.demo import people
from deploy.demo.book import Book, at, chunks
from deploy.demo.client import until
from deploy.demo.scenario import Place
from deploy.demo.support_stage import (
    RETURNED_KEY,
    RETURNED_MONTH,
    RETURNED_PLACE,
    RETURNED_SEMESTER,
)
from shared.money import euro

PAGE = 1_000
ON_THE_WAY = ("approved", "in_file", "sent", "unknown")


class NotFreed(AssertionError):
    """A returned order did not free the month it had used."""


async def pay(book: Book, where: Place, semester: str) -> None:
    """Pay what was claimed; in one semester of one place the bank returns an order."""
    if (where.name, semester) == (RETURNED_PLACE, RETURNED_SEMESTER):
        await _pay_with_a_return(book, where, semester)
    else:
        await pay_office(book, where, where.stays[semester].last_day, semester)


async def pay_office(book: Book, where: Place, day: date, name: str) -> None:
    """All that lies at a place's office as draft goes its way on one day, until it is reported."""
    office = people.partner(where)
    first, second = people.officers(where)
    drafts = await orders(book, office, second, day, state="draft")
    for number, page in enumerate(chunks(drafts, PAGE)):
        await book.doors.all_accepted(
            "payments:/orders/approvals",
            [{"order_id": order["order_id"]} for order in page],
            by=second,
            at=at(day, 11),
            key=f"order approvals:{office}:{name}:{number}",
        )
    issued = await book.doors.command(
        "payments:/bank-files",
        {"partner": office, "execution_date": day.isoformat()},
        by=first,
        at=at(day, 12),
        key=f"bank file:{office}:{name}",
    )
    for file in issued["files"]:
        content = await book.doors.fetch(
            f"payments:/bank-files/{file['file_id']}", by=first, at=at(day, 12, 30)
        )
        book.diary.save_bank_file(f"{people.short(where)}-{name}-{file['part']}.xml", content)
        book.diary.count("bank files", 1)
        book.diary.count("orders paid or returned", file["count"])
    await _all_reported(book, office, second, day)


async def _all_reported(book: Book, office: str, officer: str, day: date) -> None:
    """Wait until no order of the office is on its way any more."""

    async def on_the_way() -> bool:
        for state in ON_THE_WAY:
            if (await _page(book, office, officer, day, state=state, limit=1))["orders"]:
                return True
        return False

    await until(on_the_way, lambda some: not some, f"office {office} reports on all orders")


async def orders(
    book: Book, office: str, officer: str, day: date, *, state: str
) -> list[dict[str, Any]]:
    """All orders of an office in a state."""
    found: list[dict[str, Any]] = []
    after = None
    while True:
        page = await _page(book, office, officer, day, state=state, after=after)
        found += page["orders"]
        after = page["next"]
        if after is None:
            return found


async def _page(
    book: Book,
    office: str,
    officer: str,
    day: date,
    *,
    state: str,
    limit: int = PAGE,
    after: str | None = None,
) -> dict[str, Any]:
    page: dict[str, Any] = await book.doors.read(
        "payments:/orders",
        by=officer,
        partner=office,
        at=at(day, 10, 30),
        state=state,
        after=after,
        limit=limit,
    )
    return page


async def month_of_returned(book: Book) -> dict[str, Any]:
    """The pupil's month in which the office will return, or has returned, an order."""
    plan = book.plans[RETURNED_SEMESTER, RETURNED_KEY]
    shown: dict[str, Any] = await book.doors.read(
        f"payments:/pupil-months/{book.pupils[RETURNED_KEY]}/{RETURNED_MONTH}",
        by=people.officers(plan.place)[0],
        at=at(plan.attendance.stay.last_day, 18),
    )
    return shown


async def _pay_with_a_return(book: Book, where: Place, semester: str) -> None:
    """Pay; of one order the money comes back, and the pupil's month is free by as much."""
    before = await month_of_returned(book)
    await pay_office(book, where, where.stays[semester].last_day, semester)
    after = await month_of_returned(book)
    freed = before["ordered_cents"] - after["ordered_cents"]
    plan = book.plans[RETURNED_SEMESTER, RETURNED_KEY]
    returned = await orders(
        book,
        people.partner(plan.place),
        people.officers(plan.place)[0],
        plan.attendance.stay.last_day,
        state="returned",
    )
    if [order["order_id"] for order in returned] != [book.returned_order]:
        raise NotFreed(f"returned are {returned}, not {book.returned_order}")
    if not freed == returned[0]["cents"] == after["room_left_cents"] - before["room_left_cents"]:
        raise NotFreed(f"{before} became {after}")
    book.diary.note(
        f"the bank returned {euro(freed)} EUR; the month stands at: {after['sentence_en']}"
    )
