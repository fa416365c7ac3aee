"""However orders are told, cut into batches and repeated, counts are those of the evidence."""

import itertools
import random
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from services.reporting import aggregate_rows, recount
from services.reporting.domain import Cell
from shared.contracts.base import Fact
from shared.contracts.payments import (
    OrderFact,
    PaymentCancelled,
    PaymentRecovered,
    PaymentReturned,
    PaymentSettled,
    PaymentVerified,
)
from tests.builders_reporting import SCHOOL, SECOND_SCHOOL, Plan, hear, received
from tests.doors import Doors
from tests.integration.reporting.towns import AUTUMN

MONEY_COUNTED = (
    *("ordered_cents", "settled_cents", "returned_cents", "recovered_cents"),
    *("accepted_cents", "reduced_cents", "rejected_cents"),
)
KINDS = ("meals", "accommodation", "preparation")
STEPS: Sequence[Sequence[type[OrderFact]]] = (
    (),
    (PaymentSettled,),
    (PaymentSettled, PaymentReturned),
    (PaymentSettled, PaymentReturned, PaymentSettled),
)
CANCELLED_SHARE, VERIFIED_SHARE = 0.2, 0.5
PLANS, ORDERS_OF_PLAN = 6, 5


@pytest.mark.parametrize("seed", range(8))
async def test_what_orders_add_is_a_recount_from_the_evidence(two_towns: Doors, seed: int) -> None:
    chance = random.Random(seed)
    year = 2050 + seed
    plans = [
        Plan(
            f"any-{seed}-{n}",
            who=f"any-{seed}-{n // 2}",
            school=(SCHOOL, SECOND_SCHOOL)[n % 2],
            semester=f"{year}-1",
        )
        for n in range(PLANS)
    ]
    stories = [a_story(plan, year, chance) for plan in plans for _ in range(ORDERS_OF_PLAN)]
    told: list[Fact] = [plan.approved(AUTUMN) for plan in plans]
    told += with_repetitions(interleaved(stories, chance), chance)
    await tell_in_batches(two_towns, told, chance)
    async with two_towns.database.transaction() as session:
        counts = await aggregate_rows.all_cells(session)
        assert counts == await recount.counts_from_evidence(session)
    ours = {cell: value for cell, value in counts.items() if cell.period.startswith(str(year))}
    assert money_in(ours) == money_of(stories)
    supported = {story[0].pupil_ref for story in stories if is_support(story)}
    assert value_of(ours, f"{year}-1", "pupils_supported") == len(supported)


def a_story(plan: Plan, year: int, chance: random.Random) -> list[OrderFact]:
    """What becomes of one order: cancelled, or paid, back, paid again, recovered."""
    day = date(year, chance.choice((9, 10)), chance.randint(1, 28))
    cents = chance.randint(1, 999)
    story: list[OrderFact] = [plan.ordered(chance.choice(KINDS), day, cents)]
    if chance.random() < CANCELLED_SHARE:
        return [*story, follows(plan, story, PaymentCancelled, cancelled_on=day, reason_code="X")]
    for step in chance.choice(STEPS):
        more = {} if step is PaymentSettled else {"reason_code": "AC04"}
        story.append(follows(plan, story, step, **more))
    if step_is_paid(story) and chance.random() < VERIFIED_SHARE:
        accepted = chance.choice((0, cents // 2, cents))
        outcome = "accepted" if accepted == cents else "reduced" if accepted else "rejected"
        verdict = {"accepted_cents": accepted, "outcome": outcome, "verified_on": day}
        story.append(follows(plan, story, PaymentVerified, **verdict))
    for part in chance.choice(((), (cents,), (cents // 2, cents - cents // 2), (cents // 3,))):
        story.append(follows(plan, story, PaymentRecovered, cents=part, reason_code="WRONG"))
    return story


def step_is_paid(story: list[OrderFact]) -> bool:
    """Whether the order was paid and the money did not come back."""
    return isinstance(story[-1], PaymentSettled)


def follows(plan: Plan, story: list[OrderFact], kind: type[OrderFact], **more: Any) -> OrderFact:
    """The next fact about an order, each booked on a day of its own."""
    first, version = story[0], len(story) + 1
    day = first.service_date
    if kind not in (PaymentCancelled, PaymentVerified):
        more["booked_on"] = day + timedelta(days=version)
    cents = more.pop("cents", first.cents)
    told = (kind, first.order_id, first.support_type, day, cents)
    fact: OrderFact = plan.paid(*told, version=version, **more)
    return fact


def interleaved(stories: list[list[OrderFact]], chance: random.Random) -> list[OrderFact]:
    """Facts of all orders as they may come: each order's own in their order."""
    turns = [number for number, story in enumerate(stories) for _ in story]
    chance.shuffle(turns)
    rest = [iter(story) for story in stories]
    return [next(rest[turn]) for turn in turns]


def with_repetitions(facts: list[OrderFact], chance: random.Random) -> list[OrderFact]:
    """The same facts, some of them told again at once or later, under other numbers."""
    found = list(facts)
    for fact in facts:
        if chance.random() < 0.3:
            found.insert(chance.randint(found.index(fact) + 1, len(found)), fact)
    return found


async def tell_in_batches(doors: Doors, facts: list[Fact], chance: random.Random) -> None:
    """Facts cut into batches of any size."""
    numbers, rest = itertools.count(), list(facts)
    while rest:
        size = chance.choice((1, 2, 7, 30))
        batch, rest = rest[:size], rest[size:]
        told = [received(fact, AUTUMN, offset=next(numbers)) for fact in batch]
        await hear(doors.database, told)


def is_support(story: list[OrderFact]) -> bool:
    """Whether the claim stands for a compensation: neither cancelled nor recovered wholly."""
    back = sum(fact.cents for fact in story if isinstance(fact, PaymentRecovered))
    cancelled = any(isinstance(fact, PaymentCancelled) for fact in story)
    compensates = story[0].support_type != "preparation"
    return compensates and not cancelled and back < story[0].cents


def money_in(counts: dict[Cell, int]) -> dict[str, int]:
    """Sums of money over all places, months and types."""
    found: dict[str, int] = defaultdict(int)
    for cell, value in counts.items():
        if cell.measure in MONEY_COUNTED:
            found[cell.measure] += value
    return dict(found)


def money_of(stories: list[list[OrderFact]]) -> dict[str, int]:
    """The same, said in another way: by the words of the facts."""
    found: dict[str, int] = defaultdict(int)
    for story in stories:
        kinds = [type(fact) for fact in story]
        if PaymentCancelled not in kinds:
            found["ordered_cents"] += story[0].cents
        if PaymentReturned in kinds:
            found["returned_cents"] += story[0].cents
        if kinds.count(PaymentSettled) > kinds.count(PaymentReturned):
            found["settled_cents"] += story[0].cents
        for verdict in story:
            if isinstance(verdict, PaymentVerified):
                found["accepted_cents"] += verdict.accepted_cents
                lost = verdict.cents - verdict.accepted_cents
                found["reduced_cents"] += lost * (verdict.outcome == "reduced")
                found["rejected_cents"] += lost * (verdict.outcome == "rejected")
        found["recovered_cents"] += sum(f.cents for f in story if isinstance(f, PaymentRecovered))
    return {name: value for name, value in found.items() if value}


def value_of(counts: dict[Cell, int], period: str, measure: str) -> int:
    """A count of the nation."""
    return sum(
        value
        for cell, value in counts.items()
        if (cell.level, cell.period, cell.measure, cell.cut) == ("nation", period, measure, "")
    )
