"""A batch is applied exactly once, whatever is repeated, unreadable or refused in it."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.bus.apply import Applier, NotNow, TooManySetAside
from shared.bus.consume import Consumer
from shared.bus.hearing import KeptRecord, hear
from shared.contracts.base import Received
from shared.db import Database
from tests.bus_world import PARTNER, World, a_record, a_world, rows, things

GROUP = "tests.national.things"


def applier(database: Database, world: World, **settings: Any) -> Applier:
    serves = settings.pop("serves", lambda partner: True)
    most = settings.pop("in_a_row_max", 50)
    consumer = world.consumer(**settings)
    return Applier(consumer, GROUP, database, serves=serves, in_a_row_max=most)


async def apply(to: Applier, records: Sequence[KeptRecord]) -> None:
    await to.apply_or_split([hear(record, numbered=True) for record in records])


def counts(world: World, key: str, first: int, last: int, *, n: int = 0) -> list[KeptRecord]:
    """Records that count a thing from `first` to `last`; numbers go on from `n`."""
    return [
        a_record(world.counted(thing=key, n=one), n + one - first + 1)
        for one in range(first, last + 1)
    ]


async def letters(database: Database) -> list[tuple[str, str]]:
    found = await rows(database, "SELECT stage, reason FROM dead_letters ORDER BY id")
    return [(row["stage"], row["reason"]) for row in found]


async def test_a_batch_is_applied_in_order(database: Database) -> None:
    world = a_world()
    await apply(applier(database, world), counts(world, "a", 1, 30))
    assert await rows(database, "SELECT total, out_of_order FROM things") == [
        {"total": 30, "out_of_order": 0}
    ]
    (last,) = await rows(database, "SELECT n FROM last_sequence")
    assert last["n"] == 30


async def test_records_repeated_at_any_later_place_are_applied_once(database: Database) -> None:
    world = a_world()
    to = applier(database, world)
    batch = counts(world, "a", 1, 10)
    again = [KeptRecord(**{**vars(r), "offset": r.offset + 100}) for r in batch]
    await apply(to, [*batch[:6], *again[:4], *batch[6:]])
    await apply(to, again)
    await apply(applier(database, world), [*again, *counts(world, "a", 11, 12, n=10), *again])
    assert await things(database) == {"a": 12}


async def test_a_new_epoch_counts_from_one_and_an_old_one_is_over(database: Database) -> None:
    world = a_world()
    to = applier(database, world)
    await apply(to, counts(world, "a", 1, 3))
    newer = a_record(world.counted(thing="a", n=4), 4, ce_sequence=b"1700000000001-000000000001")
    await apply(to, [newer, *counts(world, "a", 5, 5, n=10)])
    assert await things(database) == {"a": 4}


async def test_two_sources_count_for_themselves(database: Database) -> None:
    world = a_world()
    other = a_record(world.counted(thing="b", n=1), 1, at=2, ce_source=b"/tests/other")
    await apply(applier(database, world), [*counts(world, "a", 1, 1), other])
    assert await things(database) == {"a": 1, "b": 1}


async def test_what_other_cells_and_other_consumers_hear_is_passed_over(
    database: Database,
) -> None:
    world = a_world()
    theirs = a_record(world.counted(thing="a", n=1, partner="90000000002"), 1)
    ours = a_record(world.counted(thing="b", n=1, partner=PARTNER), 2)
    nobodys = a_record(world.counted(thing="c", n=1), 3)
    unheard = a_record(
        world.counted(thing="d", n=1), 4, ce_type=b"pumpurs.plans.plan-approved.v1", value=b"{"
    )
    serves = (None, PARTNER)
    to = applier(database, world, serves=lambda partner: partner in serves)
    await apply(to, [theirs, ours, nobodys, unheard])
    assert await things(database) == {"b": 1, "c": 1}
    assert await letters(database) == []


async def test_what_cannot_be_read_is_set_aside_and_the_rest_goes_on(database: Database) -> None:
    world = a_world()
    fact = world.counted(thing="a", n=1)
    broken = [
        a_record(fact, 2, value=b"{"),
        a_record(fact, 3, value=b'{"thing": "a", "n": "x"}'),
        a_record(fact, 4, ce_type=b"pumpurs.tests.never-heard.v1"),
        a_record(fact, 5, ce_partner=None),
        a_record(fact, 6, ce_sequence=...),
        a_record(fact, 7, ce_time=b"soon"),
    ]
    await apply(
        applier(database, world), [a_record(fact, 1), *broken, *counts(world, "a", 2, 2, n=7)]
    )
    assert await things(database) == {"a": 2}
    assert await letters(database) == [
        ("read", "value: not JSON"),
        ("contract", "n: int_parsing"),
        ("read", "type: pumpurs.tests.never-heard.v1 is not in the catalogue"),
        ("read", "null-header: the header ce_partner has no value"),
        ("read", "sequence: no readable ce_sequence"),
        ("read", "header: ce_time is missing or not a time"),
    ]


async def test_a_letter_keeps_the_record_as_it_came(database: Database) -> None:
    world = a_world()
    record = a_record(world.counted(thing="a", n=1), 7, ce_partner=None, value=b"\x00\xff")
    await apply(applier(database, world), [record])
    (letter,) = await rows(database, "SELECT * FROM dead_letters")
    assert bytes(letter["value"]) == b"\x00\xff" and ["ce_partner", None] in letter["headers"]
    assert (letter["consumer"], letter["position"], letter["part_key"]) == (GROUP, 7, "a")
    assert letter["state"] == "open" and letter["settled_by"] is None


async def test_read_again_the_same_record_is_set_aside_once(database: Database) -> None:
    world = a_world()
    unnumbered = a_record(world.counted(thing="a", n=1), 1, ce_sequence=...)
    to = applier(database, world)
    await apply(to, [unnumbered])
    await apply(to, [unnumbered])
    assert len(await letters(database)) == 1


async def test_a_rule_error_in_the_middle_sets_one_record_aside(database: Database) -> None:
    world = a_world()
    batch = counts(world, "a", 1, 40)
    batch.insert(20, a_record(world.renamed(thing="a", name="forbidden"), 41, at=100))
    renumbered = [
        KeptRecord(**{**vars(r), "headers": [
            (k, b"1700000000000-%012d" % n if k == "ce_sequence" else v) for k, v in r.headers
        ]})
        for n, r in enumerate(batch, 1)
    ]  # fmt: skip
    await apply(applier(database, world), renumbered)
    assert await things(database) == {"a": 40}
    assert await letters(database) == [("effect", "no-such-name: A thing must not be called that.")]
    (last,) = await rows(database, "SELECT n FROM last_sequence")
    assert last["n"] == 41


async def test_a_bug_is_set_aside_by_its_place_and_without_its_words(database: Database) -> None:
    world = a_world()

    async def stumble(session: AsyncSession, told: Sequence[Received[Any]]) -> None:
        raise KeyError("Anna Priede")

    consumer = Consumer(name="x", topics=(world.topic,), handles={world.counted: stumble})
    await apply(Applier(consumer, GROUP, database), counts(world, "a", 1, 1))
    ((stage, reason),) = await letters(database)
    assert stage == "effect" and reason.startswith("KeyError at ") and "Anna" not in reason


async def test_a_constraint_is_told_by_its_name(database: Database) -> None:
    world = a_world()

    async def break_rule(session: AsyncSession, told: Sequence[Received[Any]]) -> None:
        await session.execute(text("INSERT INTO relay_state VALUES (false, 1, 1, 'x', NULL)"))

    consumer = Consumer(name="x", topics=(world.topic,), handles={world.counted: break_rule})
    await apply(Applier(consumer, GROUP, database), counts(world, "a", 1, 1))
    assert await letters(database) == [("effect", "CheckViolationError: relay_state_one_row")]


@pytest.mark.parametrize("sqlstate", ["40001", "40P01", "55P03", "57P01", "08006"])
async def test_what_will_pass_is_not_set_aside(database: Database, sqlstate: str) -> None:
    world = a_world()
    fails = [True]

    async def wait_once(session: AsyncSession, told: Sequence[Received[Any]]) -> None:
        if fails.pop() if fails else False:
            raises = f"DO $$ BEGIN RAISE EXCEPTION 'now' USING ERRCODE = '{sqlstate}'; END $$"
            await session.execute(text(raises))
        await world.count(session, told)

    consumer = Consumer(name="x", topics=(world.topic,), handles={world.counted: wait_once})
    to = Applier(consumer, GROUP, database)
    with pytest.raises(NotNow):
        await apply(to, counts(world, "a", 1, 5))
    assert await things(database) == {} and await letters(database) == []
    await apply(to, counts(world, "a", 1, 5))
    assert await things(database) == {"a": 5}


async def test_a_network_error_in_a_handler_is_not_now(database: Database) -> None:
    world = a_world()

    async def lose(session: AsyncSession, told: Sequence[Received[Any]]) -> None:
        raise ConnectionResetError

    consumer = Consumer(name="x", topics=(world.topic,), handles={world.counted: lose})
    with pytest.raises(NotNow):
        await apply(Applier(consumer, GROUP, database), counts(world, "a", 1, 1))


async def test_too_many_in_a_row_stop_the_consumer_but_nothing_is_lost(
    database: Database,
) -> None:
    world = a_world()
    broken = [a_record(world.counted(thing="a", n=1), n, value=b"{") for n in range(1, 9)]
    with pytest.raises(TooManySetAside):
        await apply(applier(database, world, in_a_row_max=3), broken)
    assert len(await letters(database)) == 3
    with pytest.raises(TooManySetAside):
        await apply(applier(database, world, in_a_row_max=3), broken)
    assert len(await letters(database)) == 6


async def test_failing_effects_count_as_well_and_one_success_begins_anew(
    database: Database,
) -> None:
    world = a_world()
    bad = [a_record(world.renamed(thing="x", name="forbidden"), n) for n in (1, 2, 4, 5)]
    good = a_record(world.counted(thing="a", n=1), 3)
    await apply(applier(database, world, in_a_row_max=3), [*bad[:2], good, *bad[2:]])
    assert len(await letters(database)) == 4
    more = [a_record(world.renamed(thing="x", name="forbidden"), n) for n in range(6, 12)]
    with pytest.raises(TooManySetAside):
        await apply(applier(database, world, in_a_row_max=3), more)
    assert len(await letters(database)) == 7


async def test_batch_done_is_told_once_what_was_applied(database: Database) -> None:
    world = a_world()
    reached: list[list[int]] = []

    async def done(session: AsyncSession, told: Sequence[Received[Any]]) -> None:
        reached.append([received.offset for received in told])

    to = applier(database, world, batch_done=done)
    batch = [*counts(world, "a", 1, 2), a_record(world.renamed(thing="a", name="x"), 3)]
    await apply(to, batch)
    await apply(to, batch)
    assert reached == [[1, 2, 3]]
