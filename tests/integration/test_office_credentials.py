"""An office's credentials on a broker with rights on: all that is not its own is refused.

What an office is refused, what is left to one whose credentials were taken back, and how a
password is changed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    KafkaConnectionError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)
from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, KafkaException
from confluent_kafka import TopicPartition as Position
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)
from confluent_kafka.cimpl import NewTopic

from tests.office_broker import Broker, a_consumer, read, refused, write
from tests.secure_kafka import secure_kafka

OURS, THEIRS, LEAVING = "40900012345", "40900054321", "40900067890"
OUR_ORDERS, OUR_REPORTS = f"payment-office.{OURS}.orders.v1", f"payment-office.{OURS}.reports.v1"
THEIR_ORDERS, THEIR_REPORTS = OUR_ORDERS.replace(OURS, THEIRS), OUR_REPORTS.replace(OURS, THEIRS)
INSIDE = (
    "plans.plans.v1",
    "payments.payments.v1",
    "identification.pupils.v1",
    "identification.registers.v1",
    "ngo-grants.projects.v1",
    "reporting.aggregates.v1",
)
WAIT_SECONDS = 15
pytestmark = [pytest.mark.needs_real_broker, pytest.mark.feature("M31")]


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A cluster with the catalogue's topics, users and rights for three offices."""
    with secure_kafka(tmp_path_factory.mktemp("secure")) as kafka:
        found = Broker(kafka, tmp_path_factory.mktemp("passwords"))
        offices = [word for one in (OURS, THEIRS, LEAVING) for word in ("--office", one)]
        found.command("topics", *offices)
        found.command("users", "--secrets", str(found.passwords), *offices)
        yield found


@pytest.fixture(scope="module")
def office_admin(broker: Broker) -> AdminClient:
    """An administration client with nothing but an office's own credentials."""
    return AdminClient(broker.settings(f"office-{OURS}"))


async def test_an_office_reads_and_writes_what_is_its_own(broker: Broker) -> None:
    await write(broker.access("payments"), OUR_ORDERS)
    office = broker.access(f"office-{OURS}")
    assert await read(office, OUR_ORDERS, f"payment-office.{OURS}.books") == 1
    await write(office, OUR_REPORTS, enable_idempotence=True)


@pytest.mark.parametrize("topic", [THEIR_ORDERS, THEIR_REPORTS, OUR_REPORTS, *INSIDE])
async def test_an_office_reads_nothing_else(broker: Broker, topic: str) -> None:
    office = broker.access(f"office-{OURS}")
    with pytest.raises(TopicAuthorizationFailedError):
        await read(office, topic, f"payment-office.{OURS}.books")


@pytest.mark.parametrize("topic", [THEIR_REPORTS, OUR_ORDERS, THEIR_ORDERS, *INSIDE, "new.topic"])
async def test_an_office_writes_nothing_else(broker: Broker, topic: str) -> None:
    with pytest.raises(TopicAuthorizationFailedError):
        await write(broker.access(f"office-{OURS}"), topic)


@pytest.mark.parametrize("group", [f"payment-office.{THEIRS}.books", "payments.one.orders", "any"])
async def test_an_office_joins_no_foreign_group_and_learns_no_foreign_offsets(
    broker: Broker, group: str
) -> None:
    office = broker.access(f"office-{OURS}")
    with pytest.raises(GroupAuthorizationFailedError):
        await read(office, OUR_ORDERS, group)
    async with a_consumer(office, group=group) as consumer:
        partition = TopicPartition(OUR_ORDERS, 0)
        consumer.assign([partition])
        with pytest.raises(GroupAuthorizationFailedError):
            await consumer.committed(partition)
        with pytest.raises(GroupAuthorizationFailedError):
            await consumer.commit({partition: 0})


async def test_an_office_without_a_group_reads_no_foreign_orders(broker: Broker) -> None:
    await write(broker.access("payments"), THEIR_ORDERS)
    consumer = Consumer(broker.settings(f"office-{OURS}") | {"group.id": "payment-office.none"})
    try:
        consumer.assign([Position(THEIR_ORDERS, 0, 0)])
        said = await asyncio.to_thread(consumer.poll, WAIT_SECONDS)
        assert said is not None and refused(said.error())
    finally:
        consumer.close()


async def test_an_office_opens_no_transaction(broker: Broker) -> None:
    with pytest.raises(TransactionalIdAuthorizationFailed):
        await write(broker.access(f"office-{OURS}"), OUR_REPORTS, transactional_id="ours")


def _acl() -> AclBinding:
    return AclBinding(
        ResourceType.TOPIC,
        "plans.plans.v1",
        ResourcePatternType.LITERAL,
        f"User:office-{OURS}",
        "*",
        AclOperation.READ,
        AclPermissionType.ALLOW,
    )


def _password() -> UserScramCredentialUpsertion:
    information = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 8192)
    return UserScramCredentialUpsertion(f"office-{THEIRS}", information, b"guessed")


def _configuration(topic: str, *changed: str) -> ConfigResource:
    changes = [ConfigEntry(n, "1", incremental_operation=AlterConfigOpType.SET) for n in changed]
    return ConfigResource(ConfigResource.Type.TOPIC, topic, incremental_configs=changes)


ACTS: dict[str, Callable[[AdminClient], Any]] = {
    "create a topic": lambda a: a.create_topics([NewTopic("mine", 1, 1)]),
    "create a topic of its own prefix": lambda a: a.create_topics(
        [NewTopic(f"payment-office.{OURS}.more.v1", 1, 1)]
    ),
    "delete its orders": lambda a: a.delete_topics([OUR_ORDERS]),
    "delete its reports": lambda a: a.delete_topics([OUR_REPORTS]),
    "delete another's orders": lambda a: a.delete_topics([THEIR_ORDERS]),
    "empty its orders": lambda a: a.delete_records([Position(OUR_ORDERS, 0, 1)]),
    "empty its reports": lambda a: a.delete_records([Position(OUR_REPORTS, 0, 1)]),
    "add partitions": lambda a: a.create_partitions([NewPartitions(OUR_REPORTS, 4)]),
    "read a topic's settings": lambda a: a.describe_configs([_configuration(THEIR_ORDERS)]),
    "change a topic's settings": lambda a: a.incremental_alter_configs(
        [_configuration(OUR_ORDERS, "retention.ms")]
    ),
    "grant itself a right": lambda a: a.create_acls([_acl()]),
    # Asking how others' passwords are kept is refused too, but by that the library dies.
    "set another's password": lambda a: a.alter_user_scram_credentials([_password()]),
    "describe another's group": lambda a: a.describe_consumer_groups(
        [f"payment-office.{THEIRS}.books"]
    ),
    "read another's offsets": lambda a: a.list_consumer_group_offsets(
        [ConsumerGroupTopicPartitions(f"payment-office.{THEIRS}.books")]
    ),
    "delete another's group": lambda a: a.delete_consumer_groups(
        [f"payment-office.{THEIRS}.books"]
    ),
    "delete its own group": lambda a: a.delete_consumer_groups([f"payment-office.{OURS}.books"]),
}
"""What an office might try with an administration client; each gives futures by name."""


@pytest.mark.parametrize("act", sorted(ACTS))
def test_an_office_administers_nothing(office_admin: AdminClient, act: str) -> None:
    answers = ACTS[act](office_admin).values()
    assert answers
    for answer in answers:
        with pytest.raises(KafkaException) as refusal:
            answer.result(WAIT_SECONDS)
        assert refused(refusal.value), refusal.value


def test_an_office_sees_that_its_own_topics_and_groups_exist_and_no_others(
    office_admin: AdminClient,
) -> None:
    admin = office_admin
    assert set(admin.list_topics(timeout=WAIT_SECONDS).topics) == {OUR_ORDERS, OUR_REPORTS}
    groups = admin.list_consumer_groups().result(WAIT_SECONDS).valid
    assert {group.group_id for group in groups} <= {f"payment-office.{OURS}.books"}
    named = admin.list_topics(THEIR_ORDERS, timeout=WAIT_SECONDS).topics[THEIR_ORDERS]
    assert refused(named.error)


async def test_a_new_password_lets_in_and_the_old_one_no_more(broker: Broker) -> None:
    old = (broker.passwords / f"office-{OURS}").read_text()
    others = (broker.passwords / f"office-{THEIRS}").read_text()
    secrets = ("--secrets", str(broker.passwords))
    broker.command("users", *secrets, "--office", OURS, "--rotate")
    new = (broker.passwords / f"office-{OURS}").read_text()
    assert new != old and others == (broker.passwords / f"office-{THEIRS}").read_text()
    await write(broker.access(f"office-{OURS}", new), OUR_REPORTS)
    with pytest.raises(KafkaConnectionError):
        await write(broker.access(f"office-{OURS}", old), OUR_REPORTS)


async def test_an_office_whose_credentials_are_taken_back_is_shut_out_though_it_is_connected(
    broker: Broker,
) -> None:
    orders, user = f"payment-office.{LEAVING}.orders.v1", f"office-{LEAVING}"
    reports = f"payment-office.{LEAVING}.reports.v1"
    access, payments = broker.access(user), broker.access("payments")
    producer = AIOKafkaProducer(**access.client_options(), request_timeout_ms=5_000)
    group = f"payment-office.{LEAVING}.books"
    async with a_consumer(access, orders, group=group) as consumer, producer:
        await write(payments, orders)
        assert await consumer.getmany(timeout_ms=10_000)
        await producer.send_and_wait(reports, b"{}")
        secrets = ("--secrets", str(broker.passwords))
        answer = broker.command("revoke", "--office", LEAVING, *secrets)
        assert answer.output == "1 users, 3 rights taken\n"
        await _until_refused(lambda: consumer.getmany(timeout_ms=1_000))
        await write(payments, orders)
        with pytest.raises((TopicAuthorizationFailedError, GroupAuthorizationFailedError)):
            assert not await consumer.getmany(timeout_ms=WAIT_SECONDS * 1_000)
        with pytest.raises((TopicAuthorizationFailedError, ClusterAuthorizationFailedError)):
            await producer.send_and_wait(reports, b"{}")
    assert not (broker.passwords / user).exists()
    with pytest.raises(KafkaConnectionError):
        await write(access, reports)
    again = broker.command("revoke", "--office", LEAVING)
    assert again.output == "1 users, 0 rights taken\n"
    assert await read(broker.access(f"office-{THEIRS}"), THEIR_ORDERS, f"payment-office.{THEIRS}.x")


async def _until_refused(ask: Callable[[], Awaitable[dict[Any, Any]]]) -> None:
    """Ask until it is refused; nothing comes meanwhile."""
    with pytest.raises((TopicAuthorizationFailedError, GroupAuthorizationFailedError)):
        for _ in range(WAIT_SECONDS):
            assert not await ask()
