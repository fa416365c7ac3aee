"""What the invented population itself gives: counted at every level, the nation from aggregates."""

from typing import Any

from deploy.demo import people
from deploy.demo.book import Book, at
from deploy.demo.client import side_by_side, until
from deploy.demo.parameters import TODAY
from deploy.demo.scenario import Place, place


class WrongCount(AssertionError):
    """A count is not what the population says."""


def _at(where: str) -> tuple[str, str, str]:
    """Level, place and who may see it."""
    if where == "nation":
        return "nation", "state", people.AUDITOR
    if where == "dbt":
        return "school", where, people.head(where)
    found: Place = place(where)
    return "municipality", people.municipality(found), people.coordinator(found)


EXPECTED: tuple[tuple[str, str, str, Any], ...] = (
    ("dbt", "2017", "pupils_involved", 119),
    ("dbt", "2017", "plans", 189),
    ("dbt", "2017-1", "pupils_supported", 81),
    ("Preiļu novads", "2017", "pupils_involved", 12),
    ("Preiļu novads", "2018", "pupils_involved", 20),
    ("Preiļu novads", "2019", "pupils_involved", 24),
    ("Preiļu novads", "2020", "pupils_involved", 22),
    ("Preiļu novads", "all", "pupils_involved", 43),
    ("Preiļu novads", "all", "plans", 129),
    ("Rēzekne", "2017", "plans", 66),
    ("Rēzekne", "all", "pupils_involved", 104),
    ("Rēzekne", "all", "plans", 163),
    ("Siguldas novads", "2020-2", "pupils_involved", 8),
    ("Siguldas novads", "2021-1", "pupils_involved", 12),
    ("Siguldas novads", "2021-1", "grade_range", {"from": 1, "to": 12}),
    ("Rēzekne", "all", "projects_accepted", 1),
    ("Rēzekne", "all", "project_participants", 24),
    ("Rēzekne", "all", "project_participants_at_risk", 10),
    ("Preiļu novads", "2017-1", "returned_cents", 3_000),
    ("nation", "2017", "schools_involved", 10),
    ("nation", "2017", "pupils_involved", 288),
    ("nation", "2017", "plans", 394),
    ("nation", "all", "plans", 619),
    ("nation", "all", "calls_opened", 1),
)


async def check(book: Book) -> None:
    """Wait for every count to be what the population says; raises NeverHappened where it is not."""
    await side_by_side(*(_check(book, *expected) for expected in EXPECTED))
    schools = [await _school_count(book, school) for school in _liepaja()]
    if sum(schools) != 95:
        raise WrongCount(f"pedagogues over the schools of Liepāja: {schools}")
    book.diary.note(
        f"the population's own counts agree: {len(EXPECTED) + 1}, the nation's among them"
    )


async def _check(book: Book, where: str, period: str, measure: str, value: Any) -> None:
    level, spot, who = _at(where)
    await until(
        lambda: _count(book, level, spot, who, period, measure),
        lambda seen: seen["value"] == value,
        f"{measure} of {where} in {period} is {value}",
    )


async def _count(
    book: Book, level: str, spot: str, who: str, period: str, measure: str
) -> dict[str, Any]:
    asked = {"level": level, "place": spot, "period": period, "measure": measure}
    shown: dict[str, Any] = await book.doors.read(
        "reporting:/counts", by=who, at=at(TODAY, 11), **asked
    )
    return shown


def _liepaja() -> list[str]:
    """The six schools of Liepāja."""
    return [school.school for school in place("Liepāja").stays["2017-1"].schools]


async def _school_count(book: Book, school: str) -> int:
    """Pedagogues of one school; somebody works at two."""
    shown = await _count(
        book, "school", school, people.head(school), "2017-1", "pedagogues_involved"
    )
    return int(shown["value"])
