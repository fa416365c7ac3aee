"""Figures that were counted: counted again by reporting, for somebody with rights on the place."""

from typing import Any

from deploy.demo import people
from deploy.demo.book import Book, at
from deploy.demo.client import NeverHappened, side_by_side, until
from deploy.demo.facts import Figure, figures
from deploy.demo.parameters import TODAY
from deploy.demo.report import verdict
from deploy.demo.scenario import Place, place


async def check(book: Book) -> None:
    """Compare all counted figures, each as of its date where it has one."""
    wanted = [figure for figure in figures() if figure.kind == "observed"]
    await side_by_side(*(_check(book, figure) for figure in wanted))


async def check_on_its_day(book: Book, where: Place, semester: str) -> None:
    """Compare the figures of a place that are said of a day, when that day has come."""
    here = [f for f in figures() if f.kind == "observed" and f.place == where.name]
    wanted = [f for f in here if f.as_of and f.period == semester]
    await side_by_side(*(_check(book, figure) for figure in wanted))
    if wanted:
        agreeing = sum(book.verdicts[figure.id].agrees for figure in wanted)
        book.diary.note(
            f"on {wanted[0].as_of}, {where.name}: {agreeing} of {len(wanted)} figures agree"
        )


async def count(book: Book, figure: Figure) -> Any:
    """The count as who answers for the place sees it."""
    where = place(figure.place)
    if figure.school:
        level, spot, who = "school", figure.school, people.head(figure.school)
    else:
        level, spot, who = "municipality", people.municipality(where), people.coordinator(where)
    return await book.doors.read(
        "reporting:/counts",
        by=who,
        at=at(TODAY, 10),
        level=level,
        place=spot,
        period=figure.period,
        measure=figure.measure,
        support_type=figure.support_type,
        as_of=figure.as_of,
    )


async def _check(book: Book, figure: Figure) -> None:
    """Counting follows the facts, so look until it has caught up."""
    try:
        seen = await until(
            lambda: count(book, figure), lambda said: said["value"] == figure.value, figure.id
        )
    except NeverHappened:
        seen = await count(book, figure)
    agreed_before = figure.id not in book.verdicts or book.verdicts[figure.id].agrees
    book.keep(
        verdict(
            figure,
            seen["value"],
            agrees=seen["value"] == figure.value and agreed_before,
            remark=f"{seen['mark']}, counted by the {seen['counted_by']} level",
        )
    )
