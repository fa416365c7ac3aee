"""Apache Kafka in a container, where Docker answers.

Written after the image's documentation and not run so far: no Docker daemon was at hand.
"""

import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from deploy.local.kafka_handle import Opened
from deploy.local.processes import LOCALHOST, free_port

IMAGE = "apache/kafka:4.4.0"
START_SECONDS_MAX = 90
CONNECT_SECONDS_MAX = 2
INSIDE = 9092


@contextlib.contextmanager
def container_broker(folder: Path) -> Iterator[Opened]:
    """A broker in a container for as long as the block lasts; raises RuntimeError without Docker.

    The port is chosen before the start, since the broker must know under which address it is
    reached.
    """
    del folder  # The container keeps its own log.
    if not _docker_listens():
        raise RuntimeError("Docker does not answer")
    try:
        from testcontainers.core.container import DockerContainer
        from testcontainers.core.wait_strategies import LogMessageWaitStrategy
    except ImportError as problem:
        raise RuntimeError(f"testcontainers is not installed ({problem})") from problem
    port = free_port()
    container = DockerContainer(IMAGE)
    container.ports[f"{INSIDE}/tcp"] = (LOCALHOST, port)  # type: ignore[assignment] # a pair means: listen there only
    for name, value in _environment(port).items():
        container = container.with_env(name, value)
    ready = LogMessageWaitStrategy("Kafka Server started").with_startup_timeout(START_SECONDS_MAX)
    with container.waiting_for(ready):
        yield f"{LOCALHOST}:{port}", None


def _docker_listens() -> bool:
    """True where somebody listens at DOCKER_HOST, or at the place a daemon usually listens."""
    place = urlsplit(os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock")
    with contextlib.suppress(OSError):
        if place.scheme == "unix":
            with socket.socket(socket.AF_UNIX) as probe:
                probe.settimeout(CONNECT_SECONDS_MAX)
                probe.connect(place.path)
                return True
        address = (place.hostname or LOCALHOST, place.port or 2375)
        with socket.create_connection(address, CONNECT_SECONDS_MAX):
            return True
    return False


def _environment(port: int) -> dict[str, str]:
    """Settings of the image: any of them replaces its default file, so all are named."""
    return {
        "KAFKA_NODE_ID": "1",
        "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "KAFKA_LISTENERS": f"PLAINTEXT://:{INSIDE},CONTROLLER://:9093",
        "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://{LOCALHOST}:{port}",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR": "1",
        "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS": "1000",
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
    }
