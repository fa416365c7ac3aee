"""Topics as the catalogue says: created by one command, never by a client in passing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
)
from confluent_kafka.cimpl import NewTopic

from deploy.kafka.access import Settings, admin_settings
from shared.contracts.base import Cleanup, Topic

ANSWER_SECONDS_MAX = 30.0
WRITTEN_AT, BY_BROKER = "message.timestamp.type", "LogAppendTime"
MOCK_CLUSTER = "mockCluster"
"""How the identity of the mock cluster inside confluent-kafka begins."""


@dataclass(frozen=True)
class Outcome:
    """What became of one topic: its name and `created` or `there already`."""

    topic: str
    happened: str


def names(topics: Iterable[Topic], offices: Sequence[str]) -> dict[str, Topic]:
    """Every topic by its full name; a name with `{office}` once for each registration number."""
    found: dict[str, Topic] = {}
    for topic in topics:
        for office in offices if topic.is_pattern else ("",):
            found[topic.name.replace("{office}", office)] = topic
    return found


def kept_how(topic: Topic, *, replicas: int) -> dict[str, str]:
    """The topic's own settings in Kafka's words."""
    kept = {"cleanup.policy": topic.cleanup.value}
    if topic.cleanup is Cleanup.DELETE:
        kept["retention.ms"] = str(topic.retention_ms)
    if topic.from_outside:
        kept[WRITTEN_AT] = BY_BROKER
    if replicas > 1:
        kept["min.insync.replicas"] = str(replicas - 1)
    return kept


def create_topics(
    access: str | Settings,
    topics: Iterable[Topic],
    *,
    offices: Sequence[str] = (),
    replicas: int = 1,
) -> list[Outcome]:
    """Create what is missing; topics that are there stay, but the broker dates what outsiders say.

    `access` is `host:port`, or settings that sign in.

    The mock cluster knows no such request: there a topic comes into being when it is asked for,
    with four partitions. Raises KafkaException when the broker refuses or does not answer.
    """
    topics = list(topics)
    wanted = names(topics, offices)
    settings = admin_settings(access) if isinstance(access, str) else access
    admin = AdminClient(settings)
    known = admin.list_topics(timeout=ANSWER_SECONDS_MAX)
    missing = {name: topic for name, topic in wanted.items() if name not in known.topics}
    if str(known.cluster_id).startswith(MOCK_CLUSTER):
        _ask_for(settings, missing)
    elif missing:
        _create(admin, missing, replicas=replicas)
    let_broker_date(settings, topics, offices=offices)
    return [
        Outcome(name, "created" if name in missing else "there already") for name in sorted(wanted)
    ]


def let_broker_date(settings: Settings, topics: Iterable[Topic], *, offices: Sequence[str]) -> None:
    """On topics that are written from outside let the broker say when a record was written.

    Topics made before the catalogue said so are changed; the mock cluster knows no such request.
    """
    outside = names((topic for topic in topics if topic.from_outside), offices)
    admin = AdminClient(settings)
    known = admin.list_topics(timeout=ANSWER_SECONDS_MAX)
    there = sorted(outside.keys() & known.topics.keys())
    if not there or str(known.cluster_id).startswith(MOCK_CLUSTER):
        return
    change = ConfigEntry(WRITTEN_AT, BY_BROKER, incremental_operation=AlterConfigOpType.SET)
    asked = admin.incremental_alter_configs(
        [ConfigResource(ConfigResource.Type.TOPIC, n, incremental_configs=[change]) for n in there]
    )
    for answer in asked.values():
        answer.result(ANSWER_SECONDS_MAX)


def _ask_for(settings: Settings, missing: Iterable[str]) -> None:
    producer = Producer({**settings, "allow.auto.create.topics": True})
    for name in missing:
        producer.list_topics(topic=name, timeout=ANSWER_SECONDS_MAX)


def _create(admin: AdminClient, missing: dict[str, Topic], *, replicas: int) -> None:
    asked = admin.create_topics(
        [
            NewTopic(
                name,
                num_partitions=topic.partitions,
                replication_factor=replicas,
                config=kept_how(topic, replicas=replicas),
            )
            for name, topic in missing.items()
        ],
        operation_timeout=ANSWER_SECONDS_MAX,
    )
    for answer in asked.values():
        try:
            answer.result(ANSWER_SECONDS_MAX)
        except KafkaException as refusal:
            # Somebody else may have been creating the same topics at the same moment.
            if refusal.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise
