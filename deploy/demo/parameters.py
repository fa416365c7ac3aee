"""Figures that are parameters: read back from the service that owns them, with their validity."""

from datetime import date
from typing import Any

from deploy.demo import people
from deploy.demo.book import Book, at
from deploy.demo.client import side_by_side
from deploy.demo.facts import Figure, figures
from deploy.demo.report import verdict
from deploy.demo.scenario import place

TODAY = date(2022, 1, 10)
STATE = "state"
OWNER = {
    "monthly_cap_eur": "payments",
    "transport_scope": "payments",
    "payer_account": "payments",
    "target_institutions": "reporting",
    "target_share_municipalities": "reporting",
    "ngo_applicants_selected_by": "ngo_grants",
    "plan_period": "plans",
    "plan_content": "plans",
    "plan_for_every_involved_pupil": "plans",
    "plan_preparer_kinds": "plans",
    "plan_continuation": "plans",
    "support_needs_risk": "plans",
    "support_channel": "plans",
}
"""Who owns a parameter; identification where nothing else is said."""
RANGES = frozenset({"grades", "vet_courses"})
"""Kept as lists of ranges; a later value holds what was added beside what there was."""


def owner_of(name: str) -> str:
    """The service that owns a parameter."""
    return OWNER.get(name, "identification")


def place_of(figure: Figure) -> str:
    """Where a parameter holds: the country, a school, or a municipality by its number."""
    if figure.place == "Latvija":
        return STATE
    return figure.school or people.municipality(place(figure.place))


async def check(book: Book) -> None:
    """Compare all parameters of the pages."""
    wanted = [figure for figure in figures() if figure.kind == "parameter"]
    await side_by_side(*(_check(book, figure) for figure in wanted))


async def values(book: Book, name: str, where: str) -> list[dict[str, Any]]:
    """All values of a parameter at a place, oldest first."""
    answer = await book.doors.read(
        f"{owner_of(name)}:/parameters",
        by=people.AUDITOR,
        at=at(TODAY, 9),
        name=name,
        place=where,
    )
    found: list[dict[str, Any]] = answer["parameters"]
    return found


async def _check(book: Book, figure: Figure) -> None:
    kept = await values(book, figure.measure, place_of(figure))
    fitting = [value for value in kept if _fits(figure, value)]
    shown = fitting[0] if fitting else None
    book.keep(
        verdict(
            figure,
            figure.value if shown else [value["value"] for value in kept],
            agrees=shown is not None and _new_on_its_day(figure, kept),
            remark=_validity(shown) if shown else f"{owner_of(figure.measure)} has {kept}",
        )
    )


def _fits(figure: Figure, kept: dict[str, Any]) -> bool:
    """Whether a kept value is that of the page, in force from its day on."""
    value = kept["value"]
    same = figure.value in value if figure.measure in RANGES else value == figure.value
    starts = figure.valid_from in (None, kept["valid_from"])
    return bool(same and starts and figure.valid_to in (None, kept["valid_to"]))


def _new_on_its_day(figure: Figure, kept: list[dict[str, Any]]) -> bool:
    """A range that was added is not in any value from before its day."""
    if figure.measure not in RANGES or figure.valid_from is None:
        return True
    before = [v for v in kept if (v["valid_from"] or "") < figure.valid_from]
    return not any(figure.value in value["value"] for value in before)


def _validity(value: dict[str, Any]) -> str:
    return (
        f"in force from {value['valid_from'] or 'the beginning'} to {value['valid_to'] or 'open'}, "
        f"source: {value['source']}, approved by {value['approved_by']}"
    )
