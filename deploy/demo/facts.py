"""The figures of the five public pages, as the project keeps them in `figures.json`."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

FILE = Path(__file__).with_name("figures.json")

Kind = Literal["observed", "parameter", "vocabulary", "planned", "contradiction"]
KINDS: tuple[Kind, ...] = ("observed", "parameter", "vocabulary", "planned", "contradiction")


@dataclass(frozen=True)
class Claim:
    """One of several values that were said of one thing; page is None outside the five pages."""

    value: Any
    page: str | None
    source: str


@dataclass(frozen=True)
class Figure:
    """One figure, parameter, word or contradiction of a page.

    `period` is a semester ("2017-1"), a school year by its first year ("2017") or None. `more`
    holds what only some kinds have: labels, attributes of a code, members, unit.
    """

    id: str
    kind: Kind
    page: str
    place: str
    measure: str
    value: Any
    unit: str
    school: str | None = None
    period: str | None = None
    as_of: str | None = None
    support_type: str | None = None
    valid_from: str | None = None
    valid_to: str | None = None
    rule: str | None = None
    public: bool = True
    disputed: bool = False
    claims: Sequence[Claim] = ()
    more: dict[str, Any] = field(default_factory=dict)

    def source(self) -> str:
        """Where the figure was read, in our words."""
        return f"{pages()[self.page]}"


_FIELDS = frozenset(Figure.__dataclass_fields__) - {"more"}


@cache
def _file() -> dict[str, Any]:
    kept: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
    return kept


def pages() -> dict[str, str]:
    """Short descriptions of the pages by their name here."""
    described: dict[str, str] = _file()["pages"]
    return described


def codes() -> dict[str, dict[str, str]]:
    """Territory codes of the places before and from 01.07.2021."""
    by_place: dict[str, dict[str, str]] = _file()["codes"]
    return by_place


@cache
def figures() -> tuple[Figure, ...]:
    """All figures in the order of the file."""
    return tuple(_figure(entry) for entry in _file()["figures"])


def _figure(entry: dict[str, Any]) -> Figure:
    known = {name: value for name, value in entry.items() if name in _FIELDS}
    known["claims"] = tuple(Claim(**claim) for claim in entry.get("claims", []))
    more = {name: value for name, value in entry.items() if name not in _FIELDS}
    return Figure(**known, more=more)
