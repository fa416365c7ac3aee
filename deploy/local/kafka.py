"""A Kafka broker for local runs and tests, by the best of four ways there is.

An address that is given, Apache Kafka on the machine's Java, a container, the mock cluster inside
confluent-kafka; in this order, the first that works. BROKER=jvm|container|mock chooses by hand.
"""

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.kafka_container import container_broker
from deploy.local.kafka_handle import Handle, Opened
from deploy.local.kafka_jvm import jvm_broker
from deploy.local.processes import LOCALHOST, REAPER, ROOT, python_environment

WAYS = ("jvm", "container", "mock")
REAL_WAYS = ("jvm", "container")
MOCK_START_SECONDS_MAX = 20


class BrokerUnavailable(RuntimeError):
    """None of the allowed ways to a broker worked; the message names each with its reason."""


@dataclass
class Broker:
    """A running broker: which way was taken, why, and where it listens."""

    kind: str
    why: str
    bootstrap: str
    handle: Handle | None = None
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def real(self) -> bool:
        """True unless it is the mock cluster, which has no groups of several members."""
        return self.kind != "mock"


@contextlib.contextmanager
def kafka(folder: Path, *, real: bool = False) -> Iterator[Broker]:
    """A broker for as long as the block lasts, with logs in `folder`.

    With `real` the mock cluster is taken only where BROKER=mock chooses it by hand. Raises
    BrokerUnavailable when nothing worked.
    """
    given = os.environ.get("KAFKA_BOOTSTRAP")
    if given:
        yield Broker("given", "KAFKA_BOOTSTRAP names it", given)
        return
    refused: dict[str, str] = {}
    with contextlib.ExitStack() as stack:
        for way in _ways(real=real):
            try:
                bootstrap, handle = stack.enter_context(_OPENERS[way](folder))
            except (OSError, RuntimeError, subprocess.SubprocessError) as problem:
                refused[way] = str(problem)
                continue
            yield Broker(way, _because(way, refused), bootstrap, handle, refused)
            return
    raise BrokerUnavailable("; ".join(f"{way}: {reason}" for way, reason in refused.items()))


def _ways(*, real: bool) -> tuple[str, ...]:
    chosen = os.environ.get("BROKER")
    if not chosen:
        return REAL_WAYS if real else WAYS
    if chosen not in WAYS:
        raise BrokerUnavailable(f"BROKER={chosen} is none of {', '.join(WAYS)}")
    return (chosen,)


def _because(way: str, refused: dict[str, str]) -> str:
    if os.environ.get("BROKER"):
        return f"BROKER={way} chooses it"
    reasons = [f"not {name}: {reason}" for name, reason in refused.items()]
    return "; ".join(["KAFKA_BOOTSTRAP is not set", *reasons])


@contextlib.contextmanager
def _mock_broker(folder: Path) -> Iterator[Opened]:
    """The mock cluster in a process of its own, which ends when its standard input closes."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "kafka.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "deploy.local.mock_cluster"],
            cwd=ROOT,
            env=python_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
    REAPER.order(f"group {process.pid} 9")
    try:
        assert process.stdout is not None
        bootstrap = process.stdout.readline().strip()
        if not bootstrap:
            raise RuntimeError("the mock cluster did not start")
        yield bootstrap, None
    finally:
        process.kill()
        process.communicate()
        REAPER.order(f"forget {process.pid}")


def listening(bootstrap: str) -> bool:
    """True where somebody takes connections at the first of the addresses."""
    host, _, port = bootstrap.split(",", maxsplit=1)[0].rpartition(":")
    with contextlib.suppress(OSError), socket.create_connection((host or LOCALHOST, int(port)), 1):
        return True
    return False


_OPENERS: dict[str, Callable[[Path], contextlib.AbstractContextManager[Opened]]] = {
    "jvm": jvm_broker,
    "container": container_broker,
    "mock": _mock_broker,
}
