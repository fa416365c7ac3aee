"""Rights on Kafka, tried on a broker that asks for passwords: the nation reads no pupils."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError, TopicAuthorizationFailedError
from confluent_kafka.admin import AdminClient
from typer.testing import CliRunner, Result

from deploy.kafka.__main__ import command
from deploy.kafka.access import admin_settings
from shared.bus.access import KafkaAccess
from tests.dated_topics import BROKER, let_writer_date, until_dated_by
from tests.secure_kafka import ADMIN, SecureKafka, secure_kafka

OFFICE = "40900012345"

pytestmark = pytest.mark.needs_real_broker


@pytest.fixture(scope="module")
def passwords(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for users' passwords."""
    return tmp_path_factory.mktemp("passwords")


@pytest.fixture(scope="module")
def cluster(passwords: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureKafka]:
    """A cluster with the catalogue's topics, users and rights for an office."""
    with secure_kafka(tmp_path_factory.mktemp("secure")) as kafka:
        for words in (["topics"], ["users", "--secrets", str(passwords)]):
            answer = _provision(kafka, *words, "--office", OFFICE)
            assert answer.exit_code == 0, answer.output
        yield kafka


def _provision(cluster: SecureKafka, *words: str) -> Result:
    access = ["--bootstrap", cluster.bootstrap, "--user", ADMIN, "--ca", str(cluster.ca)]
    access += ["--password-file", str(cluster.password_file)]
    return CliRunner().invoke(command, [*words, *access])


def _access(cluster: SecureKafka, user: str, passwords: Path) -> KafkaAccess:
    password = (passwords / user).read_text()
    return KafkaAccess(cluster.bootstrap, user, password, str(cluster.ca))


async def _write(access: KafkaAccess, topic: str) -> None:
    producer = AIOKafkaProducer(**access.client_options(), request_timeout_ms=5_000)
    try:
        await producer.start()
        await producer.send_and_wait(topic, b"{}", key=b"k")
    finally:
        await producer.stop()


async def _read(access: KafkaAccess, topic: str, group: str) -> int:
    consumer = AIOKafkaConsumer(
        topic, group_id=group, auto_offset_reset="earliest", **access.client_options()
    )
    try:
        await consumer.start()
        return len(await consumer.getmany(timeout_ms=10_000))
    finally:
        await consumer.stop()


async def test_the_national_level_reads_counts_and_nothing_about_pupils(
    cluster: SecureKafka, passwords: Path
) -> None:
    nation = _access(cluster, "reporting-national", passwords)
    await _write(_access(cluster, "reporting", passwords), "reporting.aggregates.v1")
    assert await _read(nation, "reporting.aggregates.v1", "reporting.national.counts") == 1
    with pytest.raises(TopicAuthorizationFailedError):
        await _read(nation, "payments.payments.v1", "reporting.national.counts")


async def test_a_wrong_password_gets_nobody_in(cluster: SecureKafka, passwords: Path) -> None:
    access = KafkaAccess(cluster.bootstrap, "plans", "a guess", str(cluster.ca))
    with pytest.raises(KafkaConnectionError):
        await _write(access, "plans.plans.v1")


def test_provisioning_again_changes_no_password(cluster: SecureKafka, passwords: Path) -> None:
    before = (passwords / "plans").read_text()
    answer = _provision(cluster, "users", "--secrets", str(passwords))
    assert answer.exit_code == 0, answer.output
    assert (passwords / "plans").read_text() == before
    assert (passwords / "plans").stat().st_mode & 0o077 == 0


def test_making_credentials_lets_the_broker_date_what_an_office_writes(
    cluster: SecureKafka, passwords: Path
) -> None:
    access = admin_settings(
        cluster.bootstrap, user=ADMIN, password_file=cluster.password_file, ca=cluster.ca
    )
    admin, topic = AdminClient(access), f"payment-office.{OFFICE}.reports.v1"
    let_writer_date(admin, topic)
    made = _provision(cluster, "users", "--secrets", str(passwords), "--office", OFFICE)
    assert made.exit_code == 0, made.output
    until_dated_by(admin, topic, BROKER)


async def test_what_cells_tell_each_other_of_months_is_for_payments_alone(
    cluster: SecureKafka, passwords: Path
) -> None:
    topic = "payments.months.v1"
    payments = _access(cluster, "payments", passwords)
    await _write(payments, topic)
    assert await _read(payments, topic, "payments.here.months") == 1
    for user, group in (
        ("plans", "plans.here.months"),
        ("reporting", "reporting.here.months"),
        ("reporting-national", "reporting.national.months"),
        (f"office-{OFFICE}", f"payment-office.{OFFICE}.months"),
    ):
        stranger = _access(cluster, user, passwords)
        with pytest.raises(TopicAuthorizationFailedError):
            await _read(stranger, topic, group)
        with pytest.raises(TopicAuthorizationFailedError):
            await _write(stranger, topic)
