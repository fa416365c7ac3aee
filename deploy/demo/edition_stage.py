"""Public editions of every period: totals right, small groups hidden, bytes that can be rebuilt."""

import json
from typing import Any

from deploy.demo import people
from deploy.demo.blocks import publish
from deploy.demo.book import Book, at
from deploy.demo.facts import Figure, figures
from deploy.demo.parameters import TODAY
from deploy.demo.scenario import hidden_in_public, place, semesters, year_of

TABLES = ("municipalities.119", "support-types.119", "money.119", "youth-projects.119", "schools")
HIDDEN = "hidden"


class NotHidden(AssertionError):
    """A public table shows what it must not, or what gives it away."""


def periods() -> list[str]:
    """Every semester in which somebody took part, and every school year that is whole."""
    years = sorted({year_of(semester) for semester in semesters() if semester.endswith("-2")})
    return [*semesters(), *(str(year) for year in years)]


async def run(book: Book) -> None:
    """Publish, keep the tables, and look whether what must be hidden is hidden."""
    for period in periods():
        edition = await publish(book, period)
        await _keep_tables(book, edition)
    book.diary.count("editions", len(periods()))
    for name in hidden_in_public():
        await _must_be_hidden(book, next(f for f in figures() if f.id == name))
    await _one_of_both(book, "2017-2")
    await _rebuilt(book, "2017-2")


async def _keep_tables(book: Book, edition: dict[str, Any]) -> None:
    """Download tables as they were published."""
    edition_id = edition["edition_id"]
    there = {(table["name"], table["format"]) for table in edition["tables"]}
    for name, form in sorted(there):
        if name in (*TABLES, "indicators"):
            content = await book.doors.fetch(
                f"reporting:/editions/{edition_id}/tables/{name}.{form}",
                by=people.AUDITOR,
                at=at(TODAY, 17),
            )
            book.diary.save_report(f"{edition['period']}-{name}.{form}", content.decode())


def _table(book: Book, period: str, name: str) -> dict[str, dict[str, Any]]:
    """The cells of a published table by place."""
    text = (book.diary.folder / "reports" / f"{period}-{name}.json").read_text("utf-8")
    return {row["place"]: row["cells"] for row in json.loads(text)["rows"]}


async def _must_be_hidden(book: Book, figure: Figure) -> None:
    """Hidden at the school, in its municipality, and where a total would give it away."""
    column = f"{figure.measure}.{figure.support_type}"
    assert figure.period is not None
    assert figure.school is not None
    schools = _table(book, figure.period, "schools")
    towns = _table(book, figure.period, "support-types.119")
    town = people.municipality(place(figure.place))
    for cell in (schools[figure.school][column], towns[town][column]):
        if cell != {"mark": HIDDEN, "value": None}:
            raise NotHidden(f"{figure.id} is public: {cell}")
    total = towns["nation"][column]["value"]
    known = [cells[column]["value"] for spot, cells in towns.items() if spot != "nation"]
    if total is not None and sum(cell is None for cell in known) < 2:
        raise NotHidden(f"{figure.id} is the total {total} less all others")
    book.diary.note(f"hidden in public, as it must be: {figure.id}")


async def _one_of_both(book: Book, period: str) -> None:
    """106 and 108 are both known to the school; the public sees one of them at most."""
    for table, spot in (
        ("schools", "dbt"),
        ("municipalities.119", people.municipality(place("Daugavpils"))),
    ):
        cells = _table(book, period, table)[spot]
        both = [cells[name]["value"] for name in ("pupils_involved", "pupils_supported")]
        if None not in both:
            raise NotHidden(f"{spot} shows {both} in {period}")


async def _rebuilt(book: Book, period: str) -> None:
    """An edition built again from its inputs has the same bytes."""
    editions = await book.doors.read(
        "reporting:/editions", by=people.AUDITOR, at=at(TODAY, 17), period=period
    )
    last = editions["editions"][-1]["edition_id"]
    answer = await book.doors.read(
        f"reporting:/editions/{last}/verification", by=people.AUDITOR, at=at(TODAY, 17)
    )
    if not answer["same"]:
        raise NotHidden(f"edition {last} cannot be rebuilt: {answer['tables']}")
    book.diary.note(f"edition {last} was built again with the same bytes")
