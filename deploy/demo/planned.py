"""Figures that were announced: kept by reporting as planned, and never counted as done."""

from datetime import date
from typing import Any

from deploy.demo import people
from deploy.demo.book import Book, at
from deploy.demo.client import side_by_side
from deploy.demo.facts import Figure, figures
from deploy.demo.parameters import TODAY
from deploy.demo.report import verdict
from deploy.demo.scenario import place

ANNOUNCED = {"liepaja": date(2017, 12, 6), "rezekne": date(2018, 9, 20)}
OTHERWISE = date(2018, 6, 1)
PLANNED = "planned"


async def check(book: Book) -> None:
    """Announce what the pages announce, and read it back."""
    wanted = [figure for figure in figures() if figure.kind == "planned"]
    await side_by_side(*(_announce(book, figure) for figure in wanted))
    answer = await book.doors.read("reporting:/announcements", by=people.AUDITOR, at=at(TODAY, 9))
    shown = {one["announcement_id"]: one for one in answer["announcements"]}
    for figure in wanted:
        counted = await _counted_as_done(book, figure)
        _check(book, figure, shown.get(figure.id), counted)


def spot_of(figure: Figure) -> tuple[str, str, str]:
    """Level and place of a figure, and who answers for it."""
    if figure.place == "Latvija":
        return "state", "state", people.STATE_OFFICER
    if figure.school:
        return "school", figure.school, people.head(figure.school)
    where = place(figure.place)
    return "municipality", people.municipality(where), people.coordinator(where)


async def _announce(book: Book, figure: Figure) -> None:
    level, spot, who = spot_of(figure)
    day = ANNOUNCED.get(figure.page, OTHERWISE)
    await book.doors.command(
        "reporting:/announcements",
        {
            "announcement_id": figure.id,
            "measure": figure.measure,
            "level": level,
            "place": spot,
            "period": figure.period,
            "value": figure.value,
            "members": figure.more.get("members", []),
            "announced_on": day.isoformat(),
            "source": figure.source(),
        },
        by=who,
        at=at(day, 9),
        key=f"announcement:{figure.id}",
    )


async def _counted_as_done(book: Book, figure: Figure) -> int:
    """Pupils of schools that were only planned: there must be none."""
    found = 0
    for school in figure.more.get("members", []):
        answer: dict[str, Any] = await book.doors.read(
            "reporting:/counts",
            by=people.head(school),
            at=at(TODAY, 10),
            level="school",
            place=school,
            period=figure.period,
            measure="pupils_involved",
        )
        found += answer["value"]
    return found


def _check(book: Book, figure: Figure, shown: dict[str, Any] | None, counted: int) -> None:
    if shown is None:
        book.keep(verdict(figure, None, agrees=False, remark="not announced"))
        return
    members = shown["members"] == figure.more.get("members", [])
    agrees = shown["value"] == figure.value and shown["status"] == PLANNED and members
    remark = f"{shown['status']}, announced by {shown['announced_by']}; counted as done: {counted}"
    book.keep(verdict(figure, shown["value"], agrees=agrees and counted == 0, remark=remark))
