"""An edition is a function of its inputs and the editions before it. Pure.

The inputs are plain JSON: cells, registers, parameters and what is held back, as they were. Two
builds from the same inputs and history give the same bytes.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from services.reporting.counted import numbers_of
from services.reporting.domain import Cell, cell_of_key
from services.reporting.hierarchy import Municipality
from services.reporting.indicator_rules import Targets, indicators
from services.reporting.public_places import Frame, SchoolEntry
from services.reporting.public_tables import csv_bytes, documents, json_bytes, sha256
from services.reporting.publication import Draft, Outcome, Release, decide

INDICATORS = "indicators"
Inputs = Mapping[str, Any]


def frozen(
    *,
    period: str,
    cells: Mapping[Cell, int],
    frame: Frame,
    parameters: Mapping[str, Any],
    blocked_nodes: Iterable[str],
    blocked_cells: Iterable[tuple[str, str]],
    blocked_indicators: Iterable[str],
) -> dict[str, Any]:
    """The inputs as JSON."""
    return {
        "period": period,
        "cells": sorted([cell.key, value] for cell, value in cells.items() if value),
        "municipalities": sorted(
            [
                m.municipality_id,
                m.name_lv,
                m.name_en,
                m.successor_id,
                _iso(m.partner_since),
                _iso(m.valid_from),
                _iso(m.valid_to),
            ]
            for m in frame.municipalities.values()
        ),
        "schools": sorted(list(vars(s).values()) for s in frame.schools.values()),
        "parameters": dict(parameters),
        "blocked_nodes": sorted(blocked_nodes),
        "blocked_cells": sorted(list(cell) for cell in blocked_cells),
        "blocked_indicators": sorted(blocked_indicators),
    }


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def frame_of(inputs: Inputs) -> Frame:
    """The registers as they were."""
    municipalities = {
        row[0]: Municipality(
            row[0], row[1], row[2], row[3], _day(row[4]), _day(row[5]), _day(row[6])
        )
        for row in inputs["municipalities"]
    }
    return Frame(municipalities, {row[0]: SchoolEntry(*row) for row in inputs["schools"]})


def cells_of(inputs: Inputs) -> dict[Cell, int]:
    """The cells as they were."""
    return {cell_of_key(key): value for key, value in inputs["cells"]}


def draft_of(inputs: Inputs) -> Draft:
    """The numbers of the edition, and what is held back."""
    places, numbers = numbers_of(cells_of(inputs), frame_of(inputs))
    return Draft(
        inputs["period"],
        numbers,
        places,
        inputs["parameters"]["small_group_min"],
        frozenset(inputs["blocked_nodes"]),
        frozenset((node, column) for node, column in inputs["blocked_cells"]),
    )


def release_of(inputs: Inputs, printed: Sequence[Sequence[str]]) -> Release:
    """What an earlier edition printed."""
    draft = draft_of(inputs)
    names = frozenset((node, column) for node, column in printed)
    return Release(draft.period, draft.numbers, draft.places, names, draft.small_group_min)


def built(inputs: Inputs, history: Iterable[Release]) -> tuple[Outcome, dict[str, dict[str, Any]]]:
    """Decide what is printed and make the tables; raises CannotProtect."""
    draft = draft_of(inputs)
    outcome = decide(draft, history)
    kinds = inputs["parameters"]["pedagogue_kinds"]
    notes = {"pedagogues_involved": {"parameter": "pedagogue_kinds", "value": kinds}}
    tables = documents(draft, outcome, frame_of(inputs), notes)
    tables[INDICATORS] = _indicators(inputs)
    return outcome, tables


def _indicators(inputs: Inputs) -> dict[str, Any]:
    """The indicators as a table; one whose target is disputed is held back."""
    known = inputs["parameters"]
    targets = Targets(
        known["target_institutions"],
        known["target_share_municipalities"],
        known["municipalities_in_force"],
        known["programme_budget_cents"],
        known["programme_budget_esf_cents"],
    )
    rows = [
        {"indicator": row["indicator"], "mark": "blocked"}
        if row["indicator"] in inputs["blocked_indicators"]
        else row
        for row in indicators(cells_of(inputs), targets)
    ]
    return {"table": INDICATORS, "period": inputs["period"], "indicators": rows}


def files_of(tables: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, str, bytes, str]]:
    """The tables as bytes: name, format, content, sha256."""
    found = []
    for name, document in sorted(tables.items()):
        forms = {"json": json_bytes(document)}
        if "rows" in document:
            forms["csv"] = csv_bytes(document)
        found += [(name, form, content, sha256(content)) for form, content in forms.items()]
    return found
