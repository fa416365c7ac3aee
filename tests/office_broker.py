"""A broker with rights on, and clients that try it with this or that user's credentials."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from confluent_kafka import KafkaError, KafkaException
from typer.testing import CliRunner, Result

from deploy.kafka.__main__ import command
from deploy.kafka.access import Settings, admin_settings
from shared.bus.access import KafkaAccess
from tests.secure_kafka import ADMIN, SecureKafka

REFUSED = {
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.GROUP_AUTHORIZATION_FAILED,
    KafkaError.CLUSTER_AUTHORIZATION_FAILED,
}


class Broker:
    """The broker of this module, and the folder with its users' passwords."""

    def __init__(self, kafka: SecureKafka, passwords: Path) -> None:
        self.kafka = kafka
        self.passwords = passwords

    def command(self, *words: str) -> Result:
        """Run the provisioning command as the administrator."""
        access = ["--bootstrap", self.kafka.bootstrap, "--user", ADMIN]
        access += ["--ca", str(self.kafka.ca), "--password-file", str(self.kafka.password_file)]
        answer = CliRunner().invoke(command, [*words, *access])
        assert answer.exit_code == 0, answer.output
        return answer

    def access(self, user: str, password: str | None = None) -> KafkaAccess:
        """How a user gets in."""
        password = password or (self.passwords / user).read_text()
        return KafkaAccess(self.kafka.bootstrap, user, password, str(self.kafka.ca))

    def settings(self, user: str) -> Settings:
        """How a user gets in with the other library."""
        return admin_settings(
            self.kafka.bootstrap,
            user=user,
            password_file=self.passwords / user,
            ca=self.kafka.ca,
        )


@asynccontextmanager
async def a_consumer(access: KafkaAccess, *topics: str, group: str | None) -> AsyncIterator[Any]:
    """A consumer that started."""
    consumer = AIOKafkaConsumer(
        *topics, group_id=group, auto_offset_reset="earliest", **access.client_options()
    )
    try:
        await consumer.start()
        yield consumer
    finally:
        await consumer.stop()


@asynccontextmanager
async def a_producer(access: KafkaAccess) -> AsyncIterator[Any]:
    """A producer that started."""
    producer = AIOKafkaProducer(**access.client_options())
    try:
        await producer.start()
        yield producer
    finally:
        await producer.stop()


async def read(access: KafkaAccess, topic: str, group: str) -> int:
    """How many records come."""
    async with a_consumer(access, topic, group=group) as consumer:
        return sum(map(len, (await consumer.getmany(timeout_ms=10_000)).values()))


async def write(access: KafkaAccess, topic: str, **more: Any) -> None:
    """Write one record."""
    producer = AIOKafkaProducer(**access.client_options(), request_timeout_ms=5_000, **more)
    try:
        await producer.start()
        await producer.send_and_wait(topic, b"{}", key=b"k")
    finally:
        await producer.stop()


def refused(error: Any) -> bool:
    """Whether the broker said that it is not allowed."""
    found = error.args[0] if isinstance(error, KafkaException) else error
    return found.code() in REFUSED
