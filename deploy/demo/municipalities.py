"""The municipalities of Latvia with what became of them, as entries for the register."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from deploy.demo.names import registration_numbers

FILE = Path(__file__).with_name("municipalities.json")
MERGED_AGAIN = date(2025, 7, 1)
_Code = tuple[str, date | None, date | None]


@dataclass(frozen=True)
class Municipality:
    """One municipality; codes are (code, first day, last day)."""

    id: str
    name: str
    name_en: str
    codes: tuple[_Code, ...]
    successor: str | None
    valid_from: date | None
    valid_to: date | None


@cache
def municipalities() -> dict[str, Municipality]:
    """All of them by Latvian name: 119 before the reform, 43 after it, 42 from July 2025."""
    entries = list(_entries())
    ids = dict(zip((entry["name"] for entry in entries), registration_numbers(), strict=False))
    return {entry["name"]: _municipality(entry, ids) for entry in entries}


def _entries() -> Iterator[dict[str, Any]]:
    """Plain entries: names in full, codes with days, the name of the successor."""
    kept = json.loads(FILE.read_text("utf-8"))
    reform = date.fromisoformat(kept["reform"])
    before = reform - timedelta(days=1)
    for city in kept["cities"]:
        codes: list[_Code] = [(city["code_before"], None, before)]
        if "into" not in city:
            codes.append((city["code_from_reform"], reform, None))
        into = f"{city['into']} novads" if "into" in city else None
        name = city["name"]
        yield {
            "name": name,
            "en": name,
            "codes": codes,
            "into": into,
            "to": before if into else None,
        }
    for novads in kept["novadi"]:
        yield _novads(novads, reform)
        for taken_in in novads.get("took_in", []):
            into = f"{novads['name']} novads"
            yield {**_names(taken_in), "codes": [], "into": into, "to": before}


def _novads(novads: dict[str, Any], reform: date) -> dict[str, Any]:
    codes: list[_Code] = []
    if "code_before" in novads:
        codes.append((novads["code_before"], None, reform - timedelta(days=1)))
    last = MERGED_AGAIN - timedelta(days=1)
    codes.append((novads["code"], reform, last if _changes_again(novads) else None))
    if "code_from_2025_07" in novads:
        codes.append((novads["code_from_2025_07"], MERGED_AGAIN, None))
    into = novads.get("into_from_2025_07")
    return {
        **_names(novads["name"]),
        "codes": codes,
        "into": f"{into} novads" if into else None,
        "to": last if into else None,
        "from": reform if novads.get("new") else None,
    }


def _changes_again(novads: dict[str, Any]) -> bool:
    return "code_from_2025_07" in novads or "into_from_2025_07" in novads


def _names(genitive: str) -> dict[str, str]:
    return {"name": f"{genitive} novads", "en": f"{genitive} municipality"}


def _municipality(entry: dict[str, Any], ids: dict[str, str]) -> Municipality:
    return Municipality(
        id=ids[entry["name"]],
        name=entry["name"],
        name_en=entry["en"],
        codes=tuple(entry["codes"]),
        successor=ids[entry["into"]] if entry["into"] else None,
        valid_from=entry.get("from"),
        valid_to=entry["to"],
    )


def count_on(day: date) -> int:
    """How many municipalities there were on a day."""
    return sum(
        (m.valid_from or date.min) <= day <= (m.valid_to or date.max)
        for m in municipalities().values()
    )
