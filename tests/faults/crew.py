"""Processes that are killed, frozen and replaced while they work, and the broker likewise."""

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.kafka_handle import Handle
from deploy.local.processes import Child, python_environment

FROZEN_SECONDS_MAX = 9.0
BROKER_FROZEN_SECONDS_MAX = 12.0
BROKER_AWAY_SECONDS = 3.0
PAUSE_SECONDS = (0.3, 1.5)
BROKER_PAUSE_SECONDS = (8.0, 15.0)


@dataclass
class Crew:
    """Python processes by name, each with the arguments it is started with."""

    commands: Mapping[str, Sequence[str]]
    logs: Path
    done: Counter[str] = field(default_factory=Counter)
    _alive: dict[str, Child] = field(default_factory=dict)
    _zombies: list[Child] = field(default_factory=list)

    def start(self) -> None:
        """Start everybody."""
        for name in self.commands:
            self._alive[name] = self._new(name)

    def stop(self) -> None:
        """End everybody, the frozen ones too."""
        for child in (*self._alive.values(), *self._zombies):
            child.kill()

    def revive(self) -> None:
        """Start again whoever ended by itself, as a platform would."""
        for name, child in self._alive.items():
            if not child.running:
                self.done["ended by themselves"] += 1
                self._alive[name] = self._new(name)

    async def harm(self, chance: random.Random) -> None:
        """Do harm to one process after another until cancelled; nobody stays frozen."""
        try:
            while True:
                await asyncio.sleep(chance.uniform(*PAUSE_SECONDS))
                self.revive()
                name = chance.choice(sorted(self.commands))
                deed = chance.choices([self.kill, self.freeze, self.replace], [6, 2, 1])[0]
                await deed(name, chance)
        finally:
            for child in (*self._alive.values(), *self._zombies):
                child.signal(signal.SIGCONT)

    async def kill(self, name: str, chance: random.Random) -> None:
        """Kill -9, and start it again at once."""
        self._alive[name].kill()
        self._alive[name] = self._new(name)
        self.done["kills"] += 1

    async def freeze(self, name: str, chance: random.Random) -> None:
        """Stop it for a while in the middle of whatever it does, then let it go on."""
        self._alive[name].signal(signal.SIGSTOP)
        await asyncio.sleep(chance.uniform(0.5, FROZEN_SECONDS_MAX))
        self._alive[name].signal(signal.SIGCONT)
        self.done["freezes"] += 1

    async def replace(self, name: str, chance: random.Random) -> None:
        """Freeze it, start another in its place, then let both live under one name for a while."""
        zombie = self._alive[name]
        zombie.signal(signal.SIGSTOP)
        self._alive[name] = self._new(name)
        self._zombies.append(zombie)
        await asyncio.sleep(chance.uniform(2, 5))
        zombie.signal(signal.SIGCONT)
        await asyncio.sleep(chance.uniform(1, 3))
        zombie.kill()
        self._zombies.remove(zombie)
        self.done["zombies"] += 1

    def _new(self, name: str) -> Child:
        command = [sys.executable, "-m", "tests.faults.bus_process", name, *self.commands[name]]
        log = self.logs / f"{name}.log"
        return Child(name, command, log=log, environment=python_environment())


async def harm_broker(broker: Handle, done: Counter[str], chance: random.Random) -> None:
    """Freeze the broker and, every third time, kill it and start it again; until cancelled."""
    frozen = False
    try:
        for turn in range(1, 1_000):
            await asyncio.sleep(chance.uniform(*BROKER_PAUSE_SECONDS))
            if turn % 3 == 2:
                await asyncio.to_thread(broker.kill)
                await asyncio.sleep(BROKER_AWAY_SECONDS)
                await asyncio.shield(asyncio.to_thread(broker.start))
                done["broker kills"] += 1
                continue
            _signal(broker, signal.SIGSTOP)
            frozen = True
            await asyncio.sleep(chance.uniform(3, BROKER_FROZEN_SECONDS_MAX))
            _signal(broker, signal.SIGCONT)
            frozen = False
            done["broker freezes"] += 1
    finally:
        if frozen:
            _signal(broker, signal.SIGCONT)


def _signal(broker: Handle, number: signal.Signals) -> None:
    os.kill(broker.pid, number)
