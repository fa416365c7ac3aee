"""A person looks at what was set aside and applies it again, in order, or lets it be."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from shared.bus import dead_letters
from shared.bus.apply import Applier
from shared.bus.consume import Consumer
from shared.bus.dead_letters import Act, NobodyHears, NoSuchLetter, StillFails
from shared.bus.hearing import KeptRecord, hear
from shared.contracts.base import Received
from shared.db import Database
from tests.bus_world import NOON, NoSuchName, World, a_record, a_world, rows, things

GROUP = "tests.national.things"
TRY = Act(by="ieva", why="tried")
DO = Act(by="ieva", why="the rule was wrong", for_real=True)


class Moody:
    """A consumer that refuses things while it is in a mood."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.refuses: set[int] = set()
        self.moments: list[Any] = []
        self.consumer = Consumer(
            name="things", topics=(world.topic,), handles={world.counted: self.count}, parks=True
        )

    async def count(self, session: AsyncSession, told: Sequence[Received[Any]]) -> None:
        if self.refuses & {received.fact.n for received in told}:
            raise NoSuchName
        self.moments += [received.at for received in told]
        await self.world.count(session, told)

    async def apply(self, database: Database, records: Sequence[KeptRecord]) -> None:
        to = Applier(self.consumer, GROUP, database)
        await to.apply_or_split([hear(record, numbered=True) for record in records])

    async def replay(self, database: Database, letter: int, act: Act = DO) -> list[int]:
        return await dead_letters.replay(database, {GROUP: self.consumer}, letter, act)


def counts(world: World, key: str, *numbers: int, n: int = 0) -> list[KeptRecord]:
    return [
        a_record(world.counted(thing=key, n=one), n + place) for place, one in enumerate(numbers, 1)
    ]


async def open_letters(database: Database) -> list[tuple[int, str]]:
    async with database.transaction() as session:
        return [(one.id, one.stage) for one in await dead_letters.list_letters(session)]


async def parked(database: Database) -> list[str]:
    return [row["part_key"] for row in await rows(database, "SELECT part_key FROM parked_keys")]


async def a_parked_key(database: Database) -> Moody:
    """Thing `a` waits with its facts 2, 3 and 4; thing `b` went on."""
    moody = Moody(a_world())
    moody.refuses = {2}
    await moody.apply(database, counts(moody.world, "a", 1, 2, 3))
    await moody.apply(database, counts(moody.world, "b", 1, n=3))
    await moody.apply(database, counts(moody.world, "a", 4, n=4))
    return moody


async def test_later_facts_of_a_key_wait_behind_the_one_set_aside(database: Database) -> None:
    await a_parked_key(database)
    assert await things(database) == {"a": 1, "b": 1}
    assert [stage for _, stage in await open_letters(database)] == ["effect", "parked", "parked"]
    assert await parked(database) == ["a"]


async def test_a_replay_applies_all_that_waits_in_order_and_frees_the_key(
    database: Database,
) -> None:
    moody = await a_parked_key(database)
    moody.refuses = set()
    applied = await moody.replay(database, 1)
    assert applied == [1, 2, 3]
    found = await rows(database, "SELECT last, out_of_order FROM things WHERE key = 'a'")
    assert found == [{"last": 4, "out_of_order": 0}]
    assert await parked(database) == [] and await open_letters(database) == []
    assert set(moody.moments) == {NOON}, "the time of a fact is its own, not that of the replay"
    await moody.apply(database, counts(moody.world, "a", 5, n=5))
    assert await things(database) == {"a": 5, "b": 1}


async def test_who_and_why_are_written_down(database: Database) -> None:
    moody = await a_parked_key(database)
    moody.refuses = set()
    await moody.replay(database, 1)
    found = await rows(database, "SELECT DISTINCT state, settled_by, settled_why FROM dead_letters")
    assert found == [
        {"state": "replayed", "settled_by": "ieva", "settled_why": "the rule was wrong"}
    ]


async def test_trying_changes_nothing(database: Database) -> None:
    moody = await a_parked_key(database)
    moody.refuses = set()
    assert await moody.replay(database, 1, TRY) == [1, 2, 3]
    assert await dead_letters.discard(database, 1, TRY) == 2
    assert len(await open_letters(database)) == 3 and await parked(database) == ["a"]


async def test_what_still_fails_leaves_everything_as_it_was(database: Database) -> None:
    moody = await a_parked_key(database)
    with pytest.raises(StillFails, match="must not be called"):
        await moody.replay(database, 3)
    moody.refuses = {4}
    with pytest.raises(StillFails):
        await moody.replay(database, 1)
    assert await things(database) == {"a": 1, "b": 1}
    assert len(await open_letters(database)) == 3 and await parked(database) == ["a"]


async def test_discarding_the_culprit_keeps_the_rest_waiting_until_replayed(
    database: Database,
) -> None:
    moody = await a_parked_key(database)
    assert await dead_letters.discard(database, 1, DO) == 2
    assert await parked(database) == ["a"]
    await moody.replay(database, 2)
    assert await things(database) == {"a": 3, "b": 1} and await parked(database) == []


async def test_discarding_the_only_one_frees_the_key(database: Database) -> None:
    moody = Moody(a_world())
    moody.refuses = {1}
    await moody.apply(database, counts(moody.world, "a", 1))
    assert await dead_letters.discard(database, 1, DO) == 0
    assert await parked(database) == []


async def test_a_letter_is_applied_once(database: Database) -> None:
    moody = await a_parked_key(database)
    moody.refuses = set()
    await moody.replay(database, 1)
    for letter in (1, 99):
        with pytest.raises(NoSuchLetter):
            await moody.replay(database, letter)
        with pytest.raises(NoSuchLetter):
            await dead_letters.discard(database, letter, DO)


async def test_what_could_not_be_read_can_be_applied_by_a_newer_reader(
    database: Database,
) -> None:
    moody = Moody(a_world())
    record = a_record(moody.world.counted(thing="a", n=1), 1, ce_type=b"pumpurs.tests.new.v1")
    await moody.apply(database, [record])
    with pytest.raises(NobodyHears):
        await moody.replay(database, 1)
    newer = type("New", (moody.world.counted,), {"type": "pumpurs.tests.new.v1"})
    moody.consumer = Consumer(
        name="things", topics=(moody.world.topic,), handles={newer: moody.count}, parks=True
    )
    await moody.replay(database, 1)
    assert await things(database) == {"a": 1}


async def test_an_unreadable_letter_says_why_it_stays(database: Database) -> None:
    moody = Moody(a_world())
    await moody.apply(database, [a_record(moody.world.counted(thing="a", n=1), 1, value=b"{")])
    with pytest.raises(StillFails, match="not JSON"):
        await moody.replay(database, 1)


async def test_a_letter_is_shown_with_all_that_is_kept(database: Database) -> None:
    moody = await a_parked_key(database)
    async with database.transaction() as session:
        shown = await dead_letters.show(session, 1)
        assert shown["value"] == moody.world.counted(thing="a", n=2).model_dump_json()
        assert ["ce_source", "/tests/national"] in shown["headers"]
        with pytest.raises(NoSuchLetter):
            await dead_letters.show(session, 99)
