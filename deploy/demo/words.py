"""Figures that are words: codes with Latvian and English label, in the list of who owns them."""

from typing import Any

from deploy.demo import people
from deploy.demo.book import Book, at
from deploy.demo.client import side_by_side
from deploy.demo.facts import Figure, figures
from deploy.demo.parameters import TODAY
from deploy.demo.report import verdict

OWNER = {
    "support_type": "plans",
    "provider_kind": "plans",
    "consultation_setting": "plans",
    "document_kind": "plans",
    "ngo_aim": "ngo_grants",
    "reporting_level": "reporting",
    "reporting_subject": "reporting",
    "reporting_purpose": "reporting",
}
"""Who owns a code list; identification where nothing else is said."""
ATTRIBUTES = {
    "is_compensation": "is_compensation",
    "domain_code": "compensation",
    "counts_as_pedagogue": "counts_as_pedagogue",
    "risk_group": "risk_group",
}
"""What else a page says of a word, and how the code list calls it."""


async def check(book: Book) -> None:
    """Compare all words of the pages."""
    wanted = [figure for figure in figures() if figure.kind == "vocabulary"]
    lists = {figure.measure for figure in wanted} - {"school"}
    entries = await side_by_side(*(code_list(book, name) for name in sorted(lists)))
    known = dict(zip(sorted(lists), entries, strict=True))
    schools = await _schools(book)
    for figure in wanted:
        if figure.measure == "school":
            _check_school(book, figure, schools.get(figure.value))
        else:
            _check(book, figure, known[figure.measure].get(figure.value))


async def code_list(book: Book, name: str) -> dict[str, dict[str, Any]]:
    """The entries of a code list by code."""
    answer = await book.doors.read(
        f"{OWNER.get(name, 'identification')}:/code-lists/{name}",
        by=people.AUDITOR,
        at=at(TODAY, 9),
    )
    return {entry["code"]: entry for entry in answer["entries"]}


async def _schools(book: Book) -> dict[str, dict[str, Any]]:
    answer = await book.doors.read("identification:/schools", by=people.AUDITOR, at=at(TODAY, 9))
    return {school["school_id"]: school for school in answer["schools"]}


def _check(book: Book, figure: Figure, entry: dict[str, Any] | None) -> None:
    if entry is None:
        book.keep(verdict(figure, None, agrees=False, remark="not in the code list"))
        return
    labels = (entry["label_lv"], entry["label_en"])
    wrong = [
        f"{ours} is {entry['attributes'].get(theirs)}"
        for ours, theirs in ATTRIBUTES.items()
        if ours in figure.more and entry["attributes"].get(theirs) != figure.more[ours]
    ]
    same = labels == (figure.more["label_lv"], figure.more["label_en"])
    remark = "; ".join([f"{labels[0]} / {labels[1]}", *wrong])
    book.keep(verdict(figure, entry["code"], agrees=same and not wrong, remark=remark))


def _check_school(book: Book, figure: Figure, school: dict[str, Any] | None) -> None:
    if school is None:
        book.keep(verdict(figure, None, agrees=False, remark="not in the register of schools"))
        return
    kept = (school["name_lv"], school["name_en"], school["school_kind"], school["status"])
    wanted = tuple(figure.more[n] for n in ("label_lv", "label_en", "school_kind", "status"))
    book.keep(verdict(figure, school["school_id"], agrees=kept == wanted, remark=" / ".join(kept)))
