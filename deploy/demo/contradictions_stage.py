"""Figures that contradict themselves: all values held, blocks closed until a person decides."""

from datetime import date
from typing import Any

from deploy.demo import people
from deploy.demo.blocks import must_be_blocked, must_go_out, withheld
from deploy.demo.book import Book, at
from deploy.demo.client import side_by_side
from deploy.demo.contradiction_proofs import PROOFS
from deploy.demo.facts import Claim, Figure, figures, pages
from deploy.demo.parameters import TODAY
from deploy.demo.planned import spot_of
from deploy.demo.report import verdict

BLOCKING = "block_until_decided"
DECIDER = people.SECOND_STATE_OFFICER
TARGET_DATES: tuple[tuple[str, str | None], ...] = (
    ("2017-03-01", "2018-12-31"),
    ("2017-03-01", "2018-12-31"),
    ("2019-01-01", "2021-04-30"),
    ("2021-05-01", None),
)
DEFINITIONS = ("pupils_involved", "pupils_in_force")
DECISIONS: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "contra-dbt-2017-2-pupils": (
        "the sentence speaks of support received, the table of those involved",
        [
            {"declared": 106, "measure": "pupils_supported"},
            {"declared": 108, "measure": "pupils_involved"},
        ],
    ),
    "contra-dbt-2017-2-dash": (
        "the school counted its materials and had none to give",
        [{"declared": None, "read_as": 0}],
    ),
    "contra-project-end": (
        "the one page with a full date is the decision that was taken; later claims are not yet",
        [{"declared": "2022-12-31", "read_as": "2022-12-31"}],
    ),
}
BLOCKED_PERIODS = {
    "contra-dbt-2017-2-pupils": ("2017-2", "2017"),
    "contra-dbt-2017-2-dash": ("2017-2",),
    "contra-project-end": ("2022", "all"),
}


def contradictions() -> list[Figure]:
    """The contradictions of the pages."""
    return [figure for figure in figures() if figure.kind == "contradiction"]


async def run(book: Book) -> None:
    """Declare everything, see what is blocked and what goes out, decide, and see it open."""
    found = contradictions()
    ids = await side_by_side(*(_declared(book, figure) for figure in found))
    subjects = dict(zip((figure.id for figure in found), ids, strict=True))
    for figure in found:
        for period in BLOCKED_PERIODS.get(figure.id, ()):
            await must_be_blocked(book, period, subjects[figure.id])
    await must_go_out(book, "2017-1")
    await withheld(book, "2017-2")
    await side_by_side(*(_decided(book, figure, subjects[figure.id]) for figure in found))
    for figure in found:
        await _checked(book, figure, subjects[figure.id])
    book.diary.note(f"contradictions decided by a person: {len(DECISIONS)}")


async def _declared(book: Book, figure: Figure) -> str:
    """Declare every value with its source; gives the name of what they speak about."""
    shown: dict[str, Any] = {}
    for number, claim in enumerate(figure.claims):
        shown = await book.doors.command(
            "reporting:/declared-values",
            _value(figure, number, claim),
            by=people.STATE_OFFICER,
            at=at(TODAY, 12),
            key=f"declared:{figure.id}:{number}",
        )
    return str(shown["contradiction_id"])


def _value(figure: Figure, number: int, claim: Claim) -> dict[str, Any]:
    level, spot, _ = spot_of(figure)
    said: dict[str, Any] = {
        "measure": figure.measure,
        "level": level,
        "place": spot,
        "period": figure.period,
        "cut": f"support_type={figure.support_type}" if figure.support_type else "",
        "value": claim.value,
        "source": source_of(claim),
        "rule": figure.rule,
    }
    if figure.id == "contra-dbt-2017-2-dash":
        said["text_mark"] = "-"
    if figure.id == "contra-liepaja-118-definition":
        said["definition"] = DEFINITIONS[number]
    if figure.id == "contra-target-institutions":
        said["valid_from"], said["valid_to"] = TARGET_DATES[number]
    return said


def source_of(claim: Claim) -> str:
    """Where a value was read, in our words."""
    return f"{pages()[claim.page]}: {claim.source}" if claim.page else claim.source


async def _decided(book: Book, figure: Figure, subject: str) -> None:
    if figure.id not in DECISIONS:
        return
    reason, readings = DECISIONS[figure.id]
    await book.doors.command(
        f"reporting:/contradictions/{subject}/decision",
        {"reason": reason, "readings": readings},
        by=DECIDER,
        at=at(TODAY, 14),
        key=f"decision:{figure.id}",
    )


async def _checked(book: Book, figure: Figure, subject: str) -> None:
    """Read it back as the person who answers for the place."""
    day = date.fromisoformat(figure.as_of) if figure.as_of else TODAY
    shown = await book.doors.read(
        f"reporting:/contradictions/{subject}", by=spot_of(figure)[2], at=at(day, 16)
    )
    held = [(value["value"], value["source"]) for value in shown["values"]]
    all_held = held == [(claim.value, source_of(claim)) for claim in figure.claims]
    proved, remark = await PROOFS[figure.id](book, shown)
    book.keep(
        verdict(
            figure,
            [value for value, _ in held],
            agrees=all_held and _settled(figure, shown) and proved,
            remark=f"{shown['status']} ({shown['rule']}); {remark}",
        )
    )


def _settled(figure: Figure, shown: dict[str, Any]) -> bool:
    """Decided by a named person with a reason where a person must; else settled by its rule."""
    if figure.rule != BLOCKING:
        return bool(shown["status"] == "settled_by_rule")
    reason, _ = DECISIONS[figure.id]
    decided = [(one["decided_by"], one["reason"]) for one in shown["decisions"]]
    return shown["status"] == "decided" and decided == [(DECIDER, reason)]
