"""A batch is cut so that each key keeps its order and each type is handed over rarely."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shared.bus.waves import waves
from shared.contracts.base import Received
from tests.bus_world import a_world

WORLD = a_world("tests.waves.v1")
FACTS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["counted", "renamed"])))


def told(*facts: tuple[str, str]) -> list[Received[Any]]:
    return [
        Received(
            fact=WORLD.counted(thing=key, n=n)
            if kind == "counted"
            else WORLD.renamed(thing=key, n=n, name="x"),
            at=datetime(2017, 9, 1, tzinfo=UTC),
            event_id=str(n),
            source="/tests",
            topic="t",
            partition=0,
            offset=n,
        )
        for n, (key, kind) in enumerate(facts)
    ]


def shown(batch: list[Received[Any]]) -> list[dict[str, str]]:
    return [
        {kind.__name__: "".join(received.fact.thing for received in facts)}
        for wave in waves(batch)
        for kind, facts in wave.items()
    ]


def test_facts_of_one_type_are_one_call() -> None:
    assert shown(told(*[(key, "counted") for key in "abcab"])) == [{"Counted": "abcab"}]


def test_count_rename_count_of_one_thing_are_three_waves() -> None:
    batch = told(("a", "counted"), ("a", "renamed"), ("a", "counted"))
    assert shown(batch) == [{"Counted": "a"}, {"Renamed": "a"}, {"Counted": "a"}]


def test_other_things_do_not_wait_for_a_thing_that_changes_often() -> None:
    batch = told(
        ("a", "counted"), ("a", "renamed"), ("b", "counted"), ("a", "counted"), ("b", "renamed")
    )
    assert [sorted(kind.__name__ for kind in wave) for wave in waves(batch)] == [
        ["Counted"],
        ["Renamed"],
        ["Counted"],
    ]
    assert shown(batch)[0] == {"Counted": "ab"}
    assert shown(batch)[1] == {"Renamed": "ab"}


def test_an_empty_batch_has_no_wave() -> None:
    assert list(waves([])) == []


@given(FACTS)
def test_every_fact_is_handed_over_once_and_each_key_in_its_order(
    facts: list[tuple[str, str]],
) -> None:
    batch = told(*facts)
    handed = [one for wave in waves(batch) for of_kind in wave.values() for one in of_kind]
    assert sorted(one.offset for one in handed) == list(range(len(batch)))
    for key in "abc":
        order = [one.offset for one in handed if one.fact.thing == key]
        assert order == sorted(order)


@given(FACTS)
def test_a_wave_holds_one_type_of_each_key(facts: list[tuple[str, str]]) -> None:
    for wave in waves(told(*facts)):
        keys = [{one.fact.thing for one in of_kind} for of_kind in wave.values()]
        assert len(set().union(*keys)) == sum(map(len, keys))
