"""What an edition prints: small groups, differences of nested measures, semesters inside a year."""

from collections.abc import Iterator, Mapping
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.reporting.domain import Mark
from services.reporting.public_places import NATION, Places, municipality_node, school_node
from services.reporting.publication import Draft, Name, Outcome, Release, decide, mark_of

INVOLVED, SUPPORTED = "pupils_involved", "pupils_supported"
TOWNS = ("90000000001", "90000000002")
SCHOOLS = tuple(school_node(f"s{n}", town) for n, town in enumerate(TOWNS))
Pupils = tuple[tuple[int, int], ...]
"""Of each school: involved, and of these supported."""


def a_draft(pupils: Pupils, period: str = "2017-1", **more: frozenset[str]) -> Draft:
    """One school in each of two towns."""
    parents = {municipality_node(town): NATION for town in TOWNS}
    parents |= {s: municipality_node(t) for s, t in zip(SCHOOLS, TOWNS, strict=True)}
    return Draft(period, _numbers(pupils), Places(parents), 5, **more)  # type: ignore[arg-type]  # mypy cannot see which


def _numbers(pupils: Pupils) -> dict[Name, int]:
    numbers: dict[Name, int] = {}
    for school, town, (involved, supported) in zip(SCHOOLS, TOWNS, pupils, strict=True):
        for node in (school, municipality_node(town), NATION):
            for column, number in ((INVOLVED, involved), (SUPPORTED, supported)):
                numbers[node, column] = numbers.get((node, column), 0) + number
    return {name: number for name, number in numbers.items() if number}


def printed(outcome: Outcome) -> dict[Name, int]:
    """What a reader sees."""
    return {name: outcome.release.numbers[name] for name in outcome.release.printed}


def worlds(truth: Mapping[Name, int], seen: Mapping[Name, int]) -> Iterator[dict[Name, int]]:
    """All numbers a reader must hold possible; zero is printed as zero, hidden is not zero."""
    names = [(s, column) for s in SCHOOLS for column in (INVOLVED, SUPPORTED)]
    ranges = [
        [seen[name]] if name in seen else range(1, truth[name] + 7) if name in truth else [0]
        for name in names
    ]
    for first, of_first, second, of_second in product(*ranges):
        if of_first > first or of_second > second:
            continue
        world = _numbers(((first, of_first), (second, of_second)))
        if all(world.get(name) == number for name, number in seen.items()):
            yield world


SCHOOL = st.integers(0, 9).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))


@given(st.tuples(SCHOOL, SCHOOL))
@settings(max_examples=60, deadline=None)
def test_neither_groups_nor_who_is_left_out_can_be_worked_out(pupils: Pupils) -> None:
    draft = a_draft(pupils)
    outcome = decide(draft, [])
    seen = printed(outcome)
    possible = list(worlds(draft.numbers, seen))
    assert dict(draft.numbers) in possible
    for node in {node for node, _ in draft.numbers}:
        involved = draft.numbers.get((node, INVOLVED), 0)
        supported = draft.numbers.get((node, SUPPORTED), 0)
        for number, of in ((involved, INVOLVED), (supported, SUPPORTED)):
            if 1 <= number <= 4:
                assert any(world.get((node, of), 0) > 4 for world in possible)
        if supported and 1 <= involved - supported <= 4:
            rest = {w.get((node, INVOLVED), 0) - w.get((node, SUPPORTED), 0) for w in possible}
            assert not rest <= set(range(1, 5)), (pupils, seen)


def test_of_106_and_108_only_one_is_printed() -> None:
    outcome = decide(a_draft(((108, 106), (47, 47))), [])
    assert (SCHOOLS[0], INVOLVED) in outcome.release.printed
    assert (SCHOOLS[0], SUPPORTED) not in outcome.release.printed
    assert (SCHOOLS[1], SUPPORTED) in outcome.release.printed
    assert (NATION, SUPPORTED) not in outcome.release.printed


def _released(pupils: Pupils, period: str, *history: Release) -> Release:
    return decide(a_draft(pupils, period), history).release


def test_an_edition_with_two_pupils_more_does_not_print_the_new_number() -> None:
    first = _released(((20, 20), (30, 30)), "2017-1")
    assert (SCHOOLS[0], INVOLVED) in first.printed
    second = _released(((22, 22), (30, 30)), "2017-1", first)
    assert (SCHOOLS[0], INVOLVED) not in second.printed
    assert (NATION, INVOLVED) not in second.printed
    assert (SCHOOLS[1], INVOLVED) in second.printed
    third = _released(((28, 28), (30, 30)), "2017-1", first, second)
    assert (SCHOOLS[0], INVOLVED) in third.printed, "eight more are no small group"


def test_a_year_does_not_show_the_few_who_were_there_in_one_semester_only() -> None:
    autumn = _released(((10, 10), (30, 30)), "2017-1")
    spring = _released(((11, 11), (36, 36)), "2017-2", autumn)
    year = _released(((12, 12), (50, 50)), "2017", autumn, spring)
    assert (SCHOOLS[0], INVOLVED) not in year.printed
    assert year.numbers[NATION, INVOLVED] == 62


@pytest.mark.parametrize(
    ("name", "reported", "mark"),
    [
        ((SCHOOLS[0], INVOLVED), True, Mark.HIDDEN),
        ((SCHOOLS[1], INVOLVED), True, Mark.VALUE),
        ((SCHOOLS[1], "pupils_at_risk"), True, Mark.ZERO),
        ((SCHOOLS[1], "pupils_at_risk"), False, Mark.NOT_REPORTED),
        ((NATION, INVOLVED), True, Mark.BLOCKED),
    ],
)
def test_every_mark_has_its_meaning(name: Name, reported: bool, mark: Mark) -> None:
    draft = a_draft(((3, 3), (30, 30)), blocked_nodes=frozenset({NATION}))
    assert mark_of(decide(draft, []), draft, name, reported=reported) is mark
