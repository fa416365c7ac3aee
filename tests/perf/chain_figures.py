"""Figures of the chain of money: bulk claims, the whole way to the nation, idle latencies."""

import statistics

from tests.perf.ground import Ground
from tests.perf.money_chain import (
    LINES_AT_ONCE,
    claims_to_orders,
    latencies,
    money,
    parallel_commands,
    whole_chain,
)
from tests.perf.registry import Figure, benchmark
from tests.perf.usual_design import usual_facts_per_s

PLANS = 3_000
PLANS_OF_TWO_SCHOOLS = 3 * LINES_AT_ONCE
"""So many that no pupil is in two requests that are in flight together."""
CLAIMS = 20_000
CHAINED = 20_000
RUNS = 3
WARM_UP = 4_000
ROUNDS = 120
PARALLEL = 50
ONE_HOP = "the usual design, one hop"


@benchmark("claims_http_per_s", "parallel_commands_s")
async def claims(ground: Ground) -> list[Figure]:
    """Payments alone: web, relay and consumers in one process, database and broker beside it."""
    usual = await ground.once("usual design", usual_facts_per_s)
    async with money(PLANS_OF_TWO_SCHOOLS) as world:
        await claims_to_orders(world, WARM_UP)
        found = [CLAIMS / (await claims_to_orders(world, CLAIMS))[1] for _ in range(RUNS)]
        in_turn, at_once = await parallel_commands(world, PARALLEL)
    return [
        Figure("claims_http_per_s", statistics.median(found), "claims/s", usual, ONE_HOP, 10_000),
        Figure(
            "parallel_commands_s",
            at_once,
            "s",
            in_turn,
            "one after another",
            1,
            less_is_better=True,
        ),
    ]


@benchmark("chain_claims_per_s", "next_service_ms_p99", "national_ms_p99")
async def chain(ground: Ground) -> list[Figure]:
    """Payments, reporting and an office on this machine; medians of three runs after a warm-up."""
    usual = await ground.once("usual design", usual_facts_per_s)
    async with money(PLANS, "reporting") as world:
        await claims_to_orders(world, WARM_UP)
        chained = [CHAINED / await whole_chain(world, CHAINED) for _ in range(RUNS)]
        next_service, national = await latencies(world, ROUNDS)
    return [
        Figure("chain_claims_per_s", statistics.median(chained), "claims/s", usual, ONE_HOP, 5_000),
        _latency("next_service_ms_p99", next_service, 30),
        _latency("national_ms_p99", national, 100),
    ]


def _latency(name: str, found: list[float], goal: float) -> Figure:
    """The 99th of a hundred, beside the median."""
    ordered = sorted(found)
    p99 = ordered[int(len(ordered) * 0.99)]
    return Figure(
        name,
        p99,
        "ms",
        statistics.median(ordered),
        "its own median",
        goal,
        less_is_better=True,
    )
