"""No small group can be worked out from what is printed: tried by trying every possible world."""

from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.reporting.quantities import Guard, System
from services.reporting.suppression import CannotProtect, protect
from services.reporting.suppression_proof import unproved

MIN = 5
SMALL = ((1, MIN - 1),)


class Tree:
    """Schools in two towns, the towns in a nation; one number each."""

    def __init__(self, schools: list[int], system: System | None = None) -> None:
        self.system = system or System()
        half = len(schools) // 2
        self.towns = [range(half), range(half, len(schools))]
        numbers = [
            sum(schools),
            *(sum(schools[n] for n in town) for town in self.towns),
            *schools,
        ]
        self.numbers = numbers
        self.quantities = [
            self.system.quantity(n, printed=True, least=0, cost=n + 1) for n in numbers
        ]
        nation, first, second, *leaves = self.quantities
        self.system.add_sum((nation, 1), (first, -1), (second, -1))
        for town, members in zip((first, second), self.towns, strict=True):
            self.system.add_sum((town, 1), *((leaves[n], -1) for n in members))
        for quantity, number in zip(self.quantities, numbers, strict=True):
            if 1 <= number < MIN:
                self.system.guards.append(Guard(quantity, SMALL, (MIN,)))

    def printed(self) -> dict[int, int]:
        """What a reader sees, by place."""
        return {
            place: self.numbers[place]
            for place, quantity in enumerate(self.quantities)
            if self.system.printed[quantity]
        }

    def worlds(self) -> Iterator[list[int]]:
        """All numbers a reader must hold possible, none hidden being zero."""
        seen = self.printed()
        count = len(self.numbers) - 3
        ranges = [
            [seen[place]] if place in seen else range(1, self.numbers[place] + MIN + 1)
            for place in range(3, 3 + count)
        ]
        for schools in product(*ranges):
            world = Tree(list(schools)).numbers
            if all(world[place] == number for place, number in seen.items()):
                yield world


NUMBERS = st.lists(st.integers(min_value=0, max_value=9), min_size=4, max_size=4)


@given(NUMBERS)
@settings(max_examples=60, deadline=None)
def test_every_small_group_may_be_a_large_one(schools: list[int]) -> None:
    tree = Tree(schools)
    protection = protect(tree.system)
    assert not unproved(tree.system, protection.worlds)
    worlds = list(tree.worlds())
    assert tree.numbers in worlds, "what is printed is true"
    for place, number in enumerate(tree.numbers):
        if 1 <= number < MIN:
            assert place not in tree.printed()
            assert any(world[place] >= MIN for world in worlds), (schools, tree.printed())


@given(NUMBERS, st.integers(min_value=0, max_value=3), st.integers(min_value=1, max_value=7))
@settings(max_examples=40, deadline=None)
def test_two_editions_cannot_be_subtracted(schools: list[int], grown: int, by: int) -> None:
    old = Tree(schools)
    protect(old.system)
    shown = [old.system.printed[q] for q in old.quantities]
    later = list(schools)
    later[grown] += by
    both = System()
    before, now = Tree(schools, both), Tree(later, both)
    for quantity, is_printed in zip(before.quantities, shown, strict=True):
        both.cost[quantity] = 10**12
        if not is_printed:
            both.hide(quantity)
    for newer, older in zip(now.quantities, before.quantities, strict=True):
        change = both.values[newer] - both.values[older]
        difference = both.add_difference(newer, older, least=None)
        if 1 <= change < MIN:
            bands = ((-MIN + 1, -1), (1, MIN - 1))
            both.guards.append(Guard(difference, bands, (0, MIN, -MIN)))
    protection = protect(both)
    assert not unproved(both, protection.worlds)
    printed_before, printed_now = before.printed(), now.printed()
    for place in printed_now.keys() & printed_before.keys():
        difference = now.numbers[place] - before.numbers[place]
        assert not 1 <= difference < MIN, "a change of a few pupils is never shown"


def test_what_is_large_and_gives_nothing_away_stays() -> None:
    tree = Tree([40, 30, 20, 10])
    assert not protect(tree.system).hidden


def test_the_cheapest_neighbour_hides_with_a_small_group() -> None:
    tree = Tree([2, 30, 7, 50])
    protect(tree.system)
    assert tree.printed() == {0: 89, 1: 32, 2: 57, 5: 7, 6: 50}


def test_a_proof_that_proves_nothing_is_found_out() -> None:
    tree = Tree([2, 30, 7, 50])
    protection = protect(tree.system)
    assert unproved(tree.system, [{} for _ in protection.worlds])
    assert unproved(tree.system, [])
    broken = [dict.fromkeys(world, 5) for world in protection.worlds]
    assert unproved(tree.system, broken)


def test_where_nothing_can_be_hidden_any_more_nothing_is_published() -> None:
    tree = Tree([2, 30, 7, 50])
    for quantity in tree.quantities:
        tree.system.cost[quantity] = 10**12
    with pytest.raises(CannotProtect):
        protect(tree.system)
