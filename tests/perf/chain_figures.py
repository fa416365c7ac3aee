"""Figures of the chain of money: bulk claims, the whole way to the nation, idle latencies."""

import statistics

from tests.perf.ground import Ground
from tests.perf.money_chain import claims_to_orders, latencies, money, whole_chain
from tests.perf.registry import Figure, benchmark
from tests.perf.usual_design import usual_facts_per_s

PLANS = 3_000
CLAIMS = 20_000
CHAINED = 20_000
RUNS = 3
WARM_UP = 4_000
ROUNDS = 120


@benchmark("claims_http_per_s", "chain_claims_per_s", "next_service_ms_p99", "national_ms_p99")
async def chain(ground: Ground) -> list[Figure]:
    """Payments, reporting and an office on this machine; medians of three runs after a warm-up."""
    usual = await ground.once("usual design", usual_facts_per_s)
    async with money(PLANS) as world:
        await claims_to_orders(world, WARM_UP)
        claims = [CLAIMS / (await claims_to_orders(world, CLAIMS))[1] for _ in range(RUNS)]
        chained = [CHAINED / await whole_chain(world, CHAINED) for _ in range(RUNS)]
        next_service, national = await latencies(world, ROUNDS)
    one_hop = "the usual design, one hop"
    return [
        Figure("claims_http_per_s", statistics.median(claims), "claims/s", usual, one_hop, 10_000),
        Figure("chain_claims_per_s", statistics.median(chained), "claims/s", usual, one_hop, 3_000),
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
