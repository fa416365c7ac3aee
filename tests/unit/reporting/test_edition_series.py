"""A small nation over two school years: whatever is published in whatever order is protected."""

import random
from collections import defaultdict

import pytest

from services.reporting.public_places import NATION, Places, municipality_node, school_node
from services.reporting.publication import Draft, Name, Release, decide
from services.reporting.quantities import Guard, System
from services.reporting.suppression import protect
from services.reporting.suppression_exchange import exchanged
from services.reporting.suppression_proof import unproved

PERIODS = ("2017-1", "2017-2", "2017", "2018-1", "2018-2", "2018", "all")
TYPES = ("consultation", "meals", "public_transport", "accommodation")


def a_nation(
    seed: int, *, schools: int = 12, towns: int = 5, pupils: int = 200
) -> tuple[Places, dict[str, dict[Name, int]]]:
    """Invented pupils by chance, counted as distinct persons at every place and period."""
    chance = random.Random(seed)
    places = [(f"s{n}", f"9000000{n % towns:04d}") for n in range(schools)]
    weights = [chance.random() ** 2 for _ in places]
    people: dict[tuple[str, Name], set[int]] = defaultdict(set)
    for pupil in range(pupils):
        where = chance.choices(places, weights)[0]
        for semester in ("2017-1", "2017-2", "2018-1", "2018-2"):
            if chance.random() < 0.45:
                continue
            columns = ["pupils_involved"]
            if chance.random() < 0.95:
                kinds = [kind for kind in TYPES if chance.random() < 0.4] or [TYPES[0]]
                columns += ["pupils_supported", *(f"pupils_by_support_type.{k}" for k in kinds)]
            for node in (school_node(*where), municipality_node(where[1]), NATION):
                for period in (semester, semester[:4], "all"):
                    for column in columns:
                        people[period, (node, column)].add(pupil)
    numbers: dict[str, dict[Name, int]] = {period: {} for period in PERIODS}
    for (period, name), who in people.items():
        numbers[period][name] = len(who)
    parents = {school_node(*where): municipality_node(where[1]) for where in places}
    return Places({**parents, **dict.fromkeys(parents.values(), NATION)}), numbers


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_edition_of_a_series_can_be_published(seed: int) -> None:
    places, numbers = a_nation(seed)
    order = list(PERIODS)
    if seed == 3:
        random.Random(seed).shuffle(order)
    history: list[Release] = []
    for period in order:
        outcome = decide(Draft(period, numbers[period], places, 5), history)
        history.append(outcome.release)
        small = {name for name, number in numbers[period].items() if number < 5}
        assert not small & outcome.release.printed
        assert len(outcome.release.printed) > len(numbers[period]) // 6, "large cells survive"


def test_what_one_neighbour_cannot_take_two_take_together() -> None:
    system = System()
    total, small, *others = [
        system.quantity(number, printed=printed, least=0, cost=number + 1)
        for number, printed in ((10, True), (2, True), (3, True), (3, True), (2, True))
    ]
    system.add_sum((total, 1), (small, -1), *((other, -1) for other in others))
    for quantity in (small, *others):
        system.guards.append(Guard(quantity, ((1, 4),), (5,)))
    protection = protect(system)
    assert not unproved(system, protection.worlds)
    world = exchanged(
        system, small, 3, may=lambda quantity: quantity != total, dear=lambda quantity: False
    )
    assert world is not None
    assert sum(world.get(quantity, 0) for quantity in (small, *others)) == 0
    assert world[small] == 3
