"""The demo while its services are killed and its broker goes away: the same figures, paid once.

FAULT_SEED chooses the moments; without it they are others each time, and printed.
"""

import asyncio
import json
import logging
import os
import random
import secrets
import time
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from deploy.demo import people
from deploy.demo.whole import demo_on
from deploy.local.system import SERVICES, LocalSystem

FIRST_KILL_SECONDS = (0.5, 4.0)
PAUSE_SECONDS = (0.1, 1.5)
BROKER_AWAY_SECONDS = 20.0
BROKER_GOES_SECONDS = (1.0, 10.0)

Harm = Callable[[LocalSystem, random.Random], Coroutine[Any, Any, None]]
LOG = logging.getLogger(__name__)


async def kill_each_service_once(system: LocalSystem, chance: random.Random) -> None:
    """One service after another dies without a word and is started again."""
    await asyncio.sleep(chance.uniform(*FIRST_KILL_SECONDS))
    for name in chance.sample(SERVICES, len(SERVICES)):
        await asyncio.sleep(chance.uniform(*PAUSE_SECONDS))
        system.kill(name)
        LOG.warning("killed %s", name)
        await system.wait_ready(name)


async def take_the_broker_away(system: LocalSystem, chance: random.Random) -> None:
    """The broker is gone for twenty seconds."""
    await asyncio.sleep(chance.uniform(*BROKER_GOES_SECONDS))
    await asyncio.to_thread(system.stop_broker, kill=True)
    LOG.warning("the broker is gone")
    await asyncio.sleep(BROKER_AWAY_SECONDS)
    await asyncio.to_thread(system.start_broker)
    LOG.warning("the broker is back")


async def demo_under(harm: Harm, name: str) -> tuple[bool, LocalSystem]:
    """Run the demo while harm is done; the harm must be over before the demo is."""
    seed = int(os.environ.get("FAULT_SEED") or secrets.randbelow(10**6))
    LOG.warning("FAULT_SEED=%s", seed)
    began = time.monotonic()
    async with LocalSystem(name, offices=people.partners(), real_broker=True) as system:
        harming = asyncio.create_task(harm(system, random.Random(seed)))
        try:
            agree = await demo_on(system, began=began)
            assert harming.done(), "the demo was over before the harm was done"
            await harming
        finally:
            harming.cancel()
        return agree, system


def paid_once(system: LocalSystem) -> bool:
    """Whether the demo, which reads every topic at its end, found each order in one file."""
    summary = json.loads((system.folder / "summary.json").read_text("utf-8"))
    orders = summary["counts"]["orders paid or returned"]
    return f"{orders} orders went to their office in one file each, once" in summary["notes"]


@pytest.mark.needs_real_broker
async def test_every_service_may_die_at_any_moment() -> None:
    agree, system = await demo_under(kill_each_service_once, "faults-kills")
    assert agree
    assert {name: system.restarts[name] for name in SERVICES} == dict.fromkeys(SERVICES, 1)
    assert paid_once(system)


@pytest.mark.needs_real_broker
async def test_the_broker_may_be_away_for_twenty_seconds() -> None:
    agree, system = await demo_under(take_the_broker_away, "faults-broker")
    assert agree
    assert paid_once(system)
