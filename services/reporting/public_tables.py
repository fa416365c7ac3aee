"""The bytes of the public tables: canonical JSON and CSV of marks and numbers. Pure.

The same inputs give the same bytes on every machine: keys sorted, rows by name, one newline at
the end, no time and no version inside.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.reporting.domain import Mark
from services.reporting.hierarchy import GRIDS, in_force_on, is_undivided, representing
from services.reporting.public_columns import TABLES, Column, Rows, Table
from services.reporting.public_places import NATION, Frame, municipality_node, school_node
from services.reporting.publication import Draft, Outcome, mark_of

CSV_MARKS = {
    Mark.ZERO: "0",
    Mark.HIDDEN: "(c)",
    Mark.NOT_REPORTED: "(n)",
    Mark.BLOCKED: "(b)",
}


@dataclass(frozen=True)
class Row:
    """One row: a node with its names."""

    node: str
    place: str
    kind: str
    name_lv: str
    name_en: str
    municipality_id: str | None = None
    undivided: bool = False
    reported: bool = True


NATION_ROW = Row(NATION, NATION, "nation", "Latvija", "Latvia")


def rows_of_map(grid: str, draft: Draft, frame: Frame) -> list[Row]:
    """The nation, then every municipality of a map, and those of a younger one that counted."""
    merged, known = frame.merged, frame.municipalities
    ids = set(in_force_on(grid, known))
    counted = {node for node, _ in draft.numbers} | set(draft.places.parents)
    for municipality in known:
        if municipality_node(municipality) in counted:
            ids.add(representing(grid, municipality, merged)[1])
    rows = []
    for municipality in ids:
        on, territory = representing(grid, municipality, merged)
        node = municipality_node(territory, on)
        entry = known.get(territory)
        rows.append(
            Row(
                node,
                territory,
                "municipality",
                entry.name_lv if entry else territory,
                entry.name_en if entry else territory,
                undivided=is_undivided(grid, draft.period, territory, known),
                reported=node in counted or entry is None or entry.partner_since is None,
            )
        )
    return [NATION_ROW, *sorted(rows, key=lambda row: (row.name_lv, row.place))]


def rows_of_schools(draft: Draft, frame: Frame) -> list[Row]:
    """Every school that counted, and every involved one that did not report."""
    pairs = {
        (entry.school_id, entry.municipality_id)
        for entry in frame.schools.values()
        if entry.status == "involved"
    }
    counted = {node for node in draft.places.parents if node.startswith("school:")}
    for node in counted:
        school, _, municipality = node.removeprefix("school:").partition("@")
        pairs = {pair for pair in pairs if pair[0] != school or pair[1] == municipality}
        pairs.add((school, municipality))
    rows = []
    for school, municipality in pairs:
        entry = frame.schools.get(school)
        node = school_node(school, municipality)
        names = (entry.name_lv, entry.name_en) if entry else (school, school)
        rows.append(Row(node, school, "school", *names, municipality, reported=node in counted))
    return sorted(rows, key=lambda row: (row.name_lv, row.place, row.municipality_id or ""))


def documents(
    draft: Draft, outcome: Outcome, frame: Frame, notes: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    """All tables of an edition by name; those of municipalities once for each map."""
    found = {}
    for table in TABLES:
        if table.rows is not Rows.MUNICIPALITIES:
            schools = table.rows is Rows.SCHOOLS
            rows = rows_of_schools(draft, frame) if schools else [NATION_ROW]
            found[table.name] = _document(table, None, rows, draft, outcome, notes)
            continue
        for grid in GRIDS:
            rows = rows_of_map(grid, draft, frame)
            name = f"{table.name}.{grid}"
            found[name] = _document(table, grid, rows, draft, outcome, notes)
    return found


def _document(
    table: Table,
    grid: str | None,
    rows: Sequence[Row],
    draft: Draft,
    outcome: Outcome,
    notes: Mapping[str, Any],
) -> dict[str, Any]:
    """One table as plain values."""
    return {
        "table": table.name,
        "hierarchy": grid,
        "period": draft.period,
        "label_lv": table.label_lv,
        "label_en": table.label_en,
        "small_group_min": draft.small_group_min,
        "columns": [
            {"code": c.code, "label_lv": c.label_lv, "label_en": c.label_en} for c in table.columns
        ],
        "notes": {code: notes[code] for code in sorted(notes) if _has(table.columns, code)},
        "rows": [
            {
                "place": row.place,
                "kind": row.kind,
                "name_lv": row.name_lv,
                "name_en": row.name_en,
                "municipality_id": row.municipality_id,
                "undivided": row.undivided,
                "cells": {c.code: _cell(row, c, draft, outcome) for c in table.columns},
            }
            for row in rows
        ],
    }


def _has(columns: Sequence[Column], code: str) -> bool:
    return any(column.code == code for column in columns)


def _cell(row: Row, column: Column, draft: Draft, outcome: Outcome) -> dict[str, Any]:
    """One cell: its mark, and its number where the mark is a value or zero."""
    name = (row.node, column.code)
    mark = mark_of(outcome, draft, name, reported=row.reported)
    value = {Mark.VALUE: draft.numbers.get(name), Mark.ZERO: 0}.get(mark)
    return {"mark": mark.value, "value": value}


def json_bytes(document: Mapping[str, Any]) -> bytes:
    """A document as canonical JSON."""
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return (text + "\n").encode()


def csv_bytes(document: Mapping[str, Any]) -> bytes:
    """A table as CSV; marks other than numbers stand in round brackets."""
    codes = [column["code"] for column in document["columns"]]
    lines = [["place", "kind", "name_lv", "name_en", *codes]]
    for row in document["rows"]:
        cells = [_csv_cell(row["cells"][code]) for code in codes]
        lines.append([row["place"], row["kind"], row["name_lv"], row["name_en"], *cells])
    return "".join(",".join(map(_quoted, line)) + "\n" for line in lines).encode()


def _quoted(text: str) -> str:
    """A field as RFC 4180 wants it."""
    return f'"{text.replace(chr(34), chr(34) * 2)}"' if set(text) & set(',"\n\r') else text


def _csv_cell(cell: Mapping[str, Any]) -> str:
    return CSV_MARKS.get(Mark(cell["mark"]), str(cell["value"]))


def sha256(content: bytes) -> str:
    """The fingerprint by which a table is told and compared."""
    return hashlib.sha256(content).hexdigest()
