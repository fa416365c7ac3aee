"""What an open contradiction holds back, seen through the doors to editions and tables."""

from typing import Any

from deploy.demo import people
from deploy.demo.book import Book, at
from deploy.demo.client import Refusal
from deploy.demo.parameters import TODAY
from deploy.demo.scenario import place

OPEN = "contradiction-open"
BLOCKED, NATION = "blocked", "nation"
DASH_COLUMN = "pupils_by_support_type.learning_materials"


class NotBlocked(AssertionError):
    """A block that contradicts itself went out, or too much was held back."""


async def publish(book: Book, period: str, *, withhold: bool = False) -> dict[str, Any]:
    """Publish an edition. Raises Refusal where a contradiction is open."""
    edition: dict[str, Any] = await book.doors.command(
        "reporting:/editions",
        {"period": period, "on_contradiction": "withhold" if withhold else "refuse"},
        by=people.STATE_OFFICER,
        at=at(TODAY, 13),
        key=f"edition:{period}:{withhold}:{len(book.verdicts)}:{book.doors.commands}",
    )
    return edition


async def must_be_blocked(book: Book, period: str, subject: str) -> None:
    """Publication is refused and names what has to be decided."""
    try:
        await publish(book, period)
    except Refusal as refusal:
        if refusal.code == OPEN and subject in refusal.problem["contradictions"]:
            book.diary.note(f"refused, as it must be: edition {period}: {subject} is undecided")
            return
        raise
    raise NotBlocked(f"an edition of {period} went out in spite of {subject}")


async def must_go_out(book: Book, period: str) -> None:
    """Publication of another period is not held back."""
    edition = await publish(book, period)
    if edition["withheld_for"]:
        raise NotBlocked(f"{period} was held back for {edition['withheld_for']}")


async def withheld(book: Book, period: str) -> None:
    """An edition may go out without its disputed rows; these are marked, the others printed."""
    await publish(book, period, withhold=True)
    table = await book.doors.read(
        "reporting:/tables/municipalities", by=people.AUDITOR, at=at(TODAY, 13), period=period
    )
    disputed = {NATION, people.municipality(place("Daugavpils"))}
    marks = {row["place"]: row["cells"]["pupils_involved"]["mark"] for row in table["rows"]}
    held = {spot for spot, mark in marks.items() if mark == BLOCKED}
    if held != disputed:
        raise NotBlocked(f"held back in {period}: {held}, not {disputed}")
    schools = await book.doors.read(
        "reporting:/tables/schools", by=people.AUDITOR, at=at(TODAY, 13), period=period
    )
    cells = next(row["cells"] for row in schools["rows"] if row["place"] == "dbt")
    if cells[DASH_COLUMN]["mark"] != BLOCKED:
        raise NotBlocked(f"the dash was printed as {cells[DASH_COLUMN]}")
    book.diary.note(f"edition {period} went out without its {len(held)} disputed rows")
