"""The programme's indicators against the targets in force on a date. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.reporting.domain import Cell, Level


@dataclass(frozen=True)
class Targets:
    """Parameters in force on the day of comparison."""

    institutions: int
    share_municipalities_percent: int
    municipalities_in_force: int
    budget_cents: int
    budget_esf_cents: int


def institutions_involved(cells: Mapping[Cell, int]) -> int:
    """Distinct schools with an involved pupil in the period: the nation's parts added up."""
    return sum(
        value
        for cell, value in cells.items()
        if cell.level == Level.NATION and cell.measure == "schools_involved" and not cell.cut
    )


def municipalities_involved(cells: Mapping[Cell, int]) -> int:
    """Municipalities that take part themselves, as partners, with an involved pupil.

    A state vocational school is its own partner and does not make its municipality one.
    """
    return len(
        {
            cell.partner
            for cell, value in cells.items()
            if cell.level == Level.MUNICIPALITY
            and cell.measure == "pupils_involved"
            and not cell.cut
            and value > 0
            and cell.partner == cell.municipality_id
        }
    )


def money(cells: Mapping[Cell, int], measure: str) -> int:
    """Cents of a money measure over all places and types."""
    return sum(value for cell, value in cells.items() if cell.measure == measure)


def indicators(cells: Mapping[Cell, int], targets: Targets) -> list[dict[str, Any]]:
    """Each indicator with its target; whole numbers only, so shares are compared, not divided."""
    involved = municipalities_involved(cells)
    total = targets.municipalities_in_force
    ordered, esf = money(cells, "ordered_cents"), money(cells, "ordered_esf_cents")
    return [
        {
            "indicator": "institutions_involved",
            "value": institutions_involved(cells),
            "target": targets.institutions,
            "reached": institutions_involved(cells) >= targets.institutions,
        },
        {
            "indicator": "share_of_municipalities",
            "value": involved,
            "of": total,
            "target_percent": targets.share_municipalities_percent,
            "reached": involved * 100 >= targets.share_municipalities_percent * total,
        },
        {
            "indicator": "spending",
            "value_cents": ordered,
            "target_cents": targets.budget_cents,
            "esf_cents": esf,
            "state_cents": ordered - esf,
            "target_esf_cents": targets.budget_esf_cents,
            "target_state_cents": targets.budget_cents - targets.budget_esf_cents,
        },
    ]
