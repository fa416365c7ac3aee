"""Facts in any interleaving of keys and topics, with repetitions, end in the same books."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from services.payments.consumers import CONSUMERS
from shared.bus.waves import waves
from shared.contracts.base import Fact, Received
from shared.contracts.ngo_grants import RecoveryDue
from shared.contracts.offices import OrderReturned, OrderSettled
from shared.contracts.plans import PlanDeleted
from tests.builders_payments import Payments
from tests.doors import told
from tests.integration.payments.any_life import Life
from tests.integration.payments.aside import Aside
from tests.money_facts import (
    OFFICE,
    Planned,
    a_claim,
    a_closing,
    a_consultation,
    a_deletion,
    a_suspension,
    an_approval,
    an_instalment,
    hours_of_preparation,
    pupil,
)

Stream = list[Received[Any]]
"""The facts of one key, in their order."""
BEGIN = datetime(2021, 9, 1, 9, tzinfo=UTC)
BATCH_MAX = 12
BOOKS = {
    "pupil_months": "SELECT pupil_ref, month, cap_cents, reserved_cents, ordered_cents FROM {}",
    "entitlements": "SELECT plan_id, measure_id, month, under_ceiling, plan_version, planned_cents,"
    " reserved_cents, ordered_cents, waiting_cents FROM {}",
    "allocations": "SELECT partner, semester, allocated_cents, spoken_for_cents FROM {}",
    "plans": "SELECT plan_id, partner, state, fact_version FROM {}",
    "plan_versions": "SELECT plan_id, number, first_day, last_day FROM {}",
    "consultations": "SELECT consultation_id, plan_id, held_on, minutes FROM {}",
    "preparations": "SELECT plan_id, fact_version, minutes FROM {}",
    "orders": "SELECT coalesce(claim_id, project_id), instalment_no, state, version, cents,"
    " esf_cents, booked_on, reason_code FROM {}",
    "claims": "SELECT claim_id, state FROM {}",
    "recoveries": "SELECT recovery_id, state, cents FROM {}",
    "reports": "SELECT right(r.report_id, 2), o.claim_id, r.outcome, r.result, r.code FROM {} r"
    " LEFT JOIN orders o USING (order_id)",
}
FIRST: Planned = {"m": ("meals", {"2021-10": 3_000, "2021-11": 2_000})}
MORE: Planned = {"m": ("meals", {"2021-10": 3_500}), "a": ("accommodation", {"2021-11": 4_000})}
KINDS = 7


def told_of(kind: int, about: tuple[str, str], version: int) -> Fact:
    """What may be told of a plan after its first approval, each under a version."""
    facts: tuple[Fact, ...] = (
        a_suspension(*about, on="2021-10-10", version=version),
        an_approval(*about, MORE, plan_version=version, approved_on="2021-10-20"),
        hours_of_preparation(*about, 90).model_copy(update={"version": version}),
        a_consultation(*about, f"{about[1]}-{version}", on="2021-10-05", measure_id="m"),
        a_closing(*about, on="2021-11-30", version=version),
        a_deletion(*about, version=version),
        PlanDeleted(**a_deletion(*about, version=version).model_dump()),
    )
    return facts[kind]


def a_stream(facts: Sequence[Fact]) -> Stream:
    """Facts of a key, each at its own time."""
    return [
        told(fact, at=(BEGIN + timedelta(days=day)).isoformat()) for day, fact in enumerate(facts)
    ]


def a_plan(plan_id: str, pupil_ref: str, what: Sequence[int]) -> Stream:
    """The life of a plan: approved, and then what the numbers choose."""
    facts: list[Fact] = [an_approval(pupil_ref, plan_id, FIRST)]
    facts += [told_of(kind, (pupil_ref, plan_id), v) for v, kind in enumerate(what, start=2)]
    return a_stream(facts)


def a_project(project_id: str, instalments: int) -> Stream:
    """A project's instalments, and money that has to come back."""
    facts: list[Fact] = [an_instalment(project_id, n + 1, 1_000) for n in range(instalments)]
    last = an_instalment(project_id, instalments + 1, 500).model_dump(
        exclude={"instalment_no", "due_on"}
    )
    return a_stream([*facts, RecoveryDue(**last, reason_code="not-done")])


def reports_on(order_id: str, outcomes: Sequence[str]) -> Stream:
    """What an office says of an order, one thing after the other, some of it contradictory."""
    facts: list[Fact] = []
    for number, outcome in enumerate(outcomes):
        about: dict[str, Any] = {
            "report_id": f"{order_id}-{number}",
            "partner": OFFICE,
            "order_id": order_id,
            "booked_on": date(2021, 11, 17),
            "cents": 1_000,
        }
        returned = outcome == "returned"
        facts.append(
            OrderReturned(**about, reason_code="closed") if returned else OrderSettled(**about)
        )
    return a_stream(facts)


def interleaved(data: st.DataObject, streams: Sequence[Stream]) -> list[Received[Any]]:
    """One sequence of all streams: each keeps its order and may start again from earlier on."""
    heard: list[Received[Any]] = []
    left = {number: 0 for number, stream in enumerate(streams) if stream}
    while left:
        number = data.draw(st.sampled_from(sorted(left)))
        at, again = left[number], data.draw(st.integers(0, 8))
        if at and again < 2:
            heard += streams[number][max(0, at - 1 - again) : at]
        heard.append(streams[number][at])
        left[number] += 1
        if left[number] == len(streams[number]):
            del left[number]
    return heard


async def apply(payments: Payments, batch: Sequence[Received[Any]]) -> None:
    """Let each consumer apply a batch as the bus does: in waves, in one transaction."""
    async with payments.doors.database.transaction() as session:
        for consumer in CONSUMERS:
            for wave in waves([one for one in batch if type(one.fact) in consumer.handles]):
                for kind, received in wave.items():
                    await consumer.handles[kind](session, received)


async def books(payments: Payments) -> dict[str, list[tuple[Any, ...]]]:
    """All that payments keeps, in an order of its own."""
    found = {}
    async with payments.doors.database.transaction() as session:
        for table, asked in BOOKS.items():
            rows = await session.execute(text(asked.format(table)))
            found[table] = sorted((tuple(row) for row in rows), key=repr)
    return found


async def begun(payments: Payments, pupil_ref: str) -> list[str]:
    """Empty books but for a plan with three orders in a file; gives the orders."""
    await Life(payments).begin()
    await payments.hear(an_approval(pupil_ref, "paid", {"m": ("meals", {"2021-10": 3_000})}))
    names = [f"claim-{number}" for number in range(3)]
    claims = [a_claim("paid", "m", 1_000, claim_id=name) for name in names]
    orders = [answer["details"]["order_id"] for answer in await payments.claim(claims)]
    await payments.approve_orders(*orders)
    assert (await payments.issue_file()).status_code == 201
    return orders


LIVES = st.lists(st.lists(st.integers(0, KINDS - 1), max_size=5), min_size=2, max_size=3)
OUTCOMES = st.lists(st.sampled_from(["settled", "returned"]), max_size=3)


@pytest.mark.feature("D10")
@pytest.mark.feature("D12")
def test_any_interleaving_with_repetitions_ends_in_the_same_books(
    aside: tuple[Aside, Payments],
) -> None:
    thread, payments = aside
    pupils = [pupil() for _ in range(4)]

    def run(lives: list[list[int]], outcomes: list[list[str]], data: st.DataObject | None) -> Any:
        orders = thread.run(begun(payments, pupils[3]))
        streams = [a_plan(f"plan-{n}", pupils[n], life) for n, life in enumerate(lives)]
        streams += [a_project("project-1", 2), a_project("project-2", 1)]
        streams += [reports_on(*one) for one in zip(orders, outcomes, strict=False)]
        if data is None:
            for received in (one for stream in streams for one in stream):
                thread.run(apply(payments, [received]))
        else:
            heard = interleaved(data, streams)
            while heard:
                size = data.draw(st.integers(1, BATCH_MAX))
                thread.run(apply(payments, heard[:size]))
                del heard[:size]
        return thread.run(books(payments))

    @settings(
        max_examples=25,
        deadline=None,
        derandomize=True,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(lives=LIVES, outcomes=st.lists(OUTCOMES, max_size=3), data=st.data())
    def same(lives: list[list[int]], outcomes: list[list[str]], data: st.DataObject) -> None:
        one_by_one, mixed = run(lives, outcomes, None), run(lives, outcomes, data)
        for table in BOOKS:
            assert mixed[table] == one_by_one[table], table

    same()
