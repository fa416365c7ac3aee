"""What two editions of a period differ in, line by line, and why. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Document = Mapping[str, Any]


def differences(
    older: Mapping[str, Document], newer: Mapping[str, Document]
) -> list[dict[str, Any]]:
    """Every cell that says something else, with both marks and values and a reason code.

    `later_facts`: more was counted since · `corrected`: facts were taken back · `moved`: the
    number changed against another municipality while the nation stayed · `marking`: a mark
    changed · `rule_changed`: a parameter printed beside the table is another · `place_added`,
    `place_removed`, `column_added`, `column_removed`, `table_added`, `table_removed`.
    """
    found: list[dict[str, Any]] = []
    for name in sorted(set(older) | set(newer)):
        if name not in older or name not in newer:
            change = "table_added" if name in newer else "table_removed"
            found.append(_line(name, None, None, None, None, change))
            continue
        found.extend(_in_table(name, older[name], newer[name]))
    return found


def _in_table(name: str, older: Document, newer: Document) -> Iterator[dict[str, Any]]:
    """The lines of one table."""
    for rule in ("small_group_min", "notes"):
        if older.get(rule) != newer.get(rule):
            was, now = ({"mark": rule, "value": d.get(rule)} for d in (older, newer))
            yield _line(name, None, None, was, now, "rule_changed")
    before, after = _rows(older), _rows(newer)
    still = _columns_whose_nation_stayed(before, after)
    for place in sorted(set(before) | set(after), key=str):
        if place not in before or place not in after:
            change = "place_added" if place in after else "place_removed"
            yield _line(name, place, None, None, None, change)
            continue
        for column in sorted(set(before[place]) | set(after[place])):
            old, new = before[place].get(column), after[place].get(column)
            if old == new:
                continue
            if old is None or new is None:
                change = "column_added" if old is None else "column_removed"
            elif old["value"] is None or new["value"] is None:
                change = "marking"
            elif column in still:
                change = "moved"
            else:
                change = "later_facts" if new["value"] > old["value"] else "corrected"
            yield _line(name, place, column, old, new, change)


def _rows(document: Document) -> dict[tuple[str, str | None], Mapping[str, Any]]:
    if "rows" in document:
        return {(row["place"], row["municipality_id"]): row["cells"] for row in document["rows"]}
    return {(row["indicator"], None): _fields(row) for row in document["indicators"]}


def _fields(row: Mapping[str, Any]) -> dict[str, Any]:
    """An indicator's fields as cells."""
    mark = row.get("mark", "value")
    return {
        name: {"mark": mark, "value": value} for name, value in row.items() if name != "indicator"
    }


def _columns_whose_nation_stayed(before: Mapping[Any, Any], after: Mapping[Any, Any]) -> set[str]:
    nation = ("nation", None)
    old, new = before.get(nation, {}), after.get(nation, {})
    return {c for c in old if old[c] == new.get(c) and old[c]["value"] is not None}


def _line(
    table: str,
    place: tuple[str, str | None] | None,
    column: str | None,
    old: Mapping[str, Any] | None,
    new: Mapping[str, Any] | None,
    why: str,
) -> dict[str, Any]:
    return {
        "table": table,
        "place": place[0] if place else None,
        "column": column,
        "before": dict(old) if old else None,
        "after": dict(new) if new else None,
        "why": why,
    }


def released_counts(documents: Sequence[Mapping[str, Document]]) -> dict[tuple[str, str], int]:
    """How often the number of each (place, column) was printed, over these editions."""
    found: dict[tuple[str, str], int] = {}
    for edition in documents:
        seen = {
            (row["place"], column)
            for document in edition.values()
            for row in document.get("rows", ())
            for column, cell in row.get("cells", {}).items()
            if cell["value"] is not None
        }
        for name in seen:
            found[name] = found.get(name, 0) + 1
    return found
