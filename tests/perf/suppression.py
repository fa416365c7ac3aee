"""Small groups in the full table: nation, regions, municipalities, schools by grade and risk."""

import random
import time
from itertools import product

from services.reporting.quantities import Guard, System, cost_of_hiding
from services.reporting.suppression import protect
from services.reporting.suppression_proof import unproved
from tests.perf.ground import Ground
from tests.perf.registry import Figure, benchmark

REGIONS, TOWNS, SCHOOLS, GRADES, RISKS = 5, 43, 665, 12, 3
SMALL_BELOW = 5
SEED = 1
WHOLE = -1
Cell = tuple[str, int, int]


@benchmark("suppression_37k_s", "suppression_37k_secondary_cells")
async def suppression(_ground: Ground) -> list[Figure]:
    """The time to hide what must be hidden with its proof, and how many cells that took."""
    numbers, parents = _table()
    system = _system(numbers, parents)
    small = sum(0 < number < SMALL_BELOW for number in system.values)
    began = time.perf_counter()
    protection = protect(system)
    assert not unproved(system, protection.worlds)
    seconds = time.perf_counter() - began
    return [
        Figure("suppression_37k_s", round(seconds, 1), "s", goal=60, less_is_better=True),
        Figure("suppression_37k_secondary_cells", len(protection.hidden) - small, "cells"),
    ]


def _table() -> tuple[dict[Cell, int], dict[str, str]]:
    """Numbers by place, grade and risk with all totals; and what contains each place."""
    chance = random.Random(SEED)
    parents = {f"region {n}": "nation" for n in range(REGIONS)}
    parents |= {f"town {n}": f"region {n % REGIONS}" for n in range(TOWNS)}
    parents |= {f"school {n}": f"town {n % TOWNS}" for n in range(SCHOOLS)}
    grades, risks = (WHOLE, *range(GRADES)), (WHOLE, *range(RISKS))
    numbers = dict.fromkeys(product(("nation", *parents), grades, risks), 0)
    for school, grade, risk in product(range(SCHOOLS), range(GRADES), range(RISKS)):
        pupils = 0 if chance.random() < 0.3 else int(chance.expovariate(1 / 6))
        place: str | None = f"school {school}"
        while place is not None:
            for cell in product((place,), (grade, WHOLE), (risk, WHOLE)):
                numbers[cell] += pupils
            place = parents.get(place)
    return numbers, parents


def _system(numbers: dict[Cell, int], parents: dict[str, str]) -> System:
    """The table as quantities with every sum a reader knows."""
    system = System()
    known = {}
    for cell, number in numbers.items():
        known[cell] = system.quantity(number, printed=True, least=0, cost=cost_of_hiding(number))
        if 0 < number < SMALL_BELOW:
            bands = ((1, SMALL_BELOW - 1),)
            system.guards.append(Guard(known[cell], bands, (SMALL_BELOW,)))
    children: dict[str, list[str]] = {}
    for child, parent in parents.items():
        children.setdefault(parent, []).append(child)
    grades, risks = (WHOLE, *range(GRADES)), (WHOLE, *range(RISKS))
    for grade, risk in product(grades, risks):
        for parent, parts in children.items():
            own = [(known[part, grade, risk], -1) for part in parts]
            system.add_sum((known[parent, grade, risk], 1), *own)
    for place in ("nation", *parents):
        for risk in risks:
            own = [(known[place, grade, risk], -1) for grade in range(GRADES)]
            system.add_sum((known[place, WHOLE, risk], 1), *own)
        for grade in grades:
            own = [(known[place, grade, risk], -1) for risk in range(RISKS)]
            system.add_sum((known[place, grade, WHOLE], 1), *own)
    return system
