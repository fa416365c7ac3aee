"""Who dates the records of a topic on a real broker: whoever writes them, or the broker."""

import time

from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource

WRITER, BROKER = "CreateTime", "LogAppendTime"
WAIT_SECONDS_MAX = 30
_NAME = "message.timestamp.type"


def let_writer_date(admin: AdminClient, topic: str) -> None:
    """As topics were before the broker dated what comes from outside."""
    change = ConfigEntry(_NAME, WRITER, incremental_operation=AlterConfigOpType.SET)
    changed = ConfigResource(ConfigResource.Type.TOPIC, topic, incremental_configs=[change])
    for answer in admin.incremental_alter_configs([changed]).values():
        answer.result(WAIT_SECONDS_MAX)
    until_dated_by(admin, topic, WRITER)


def until_dated_by(admin: AdminClient, topic: str, whom: str) -> None:
    """Wait until the broker has taken over who dates the topic; raises TimeoutError."""
    ends = time.monotonic() + WAIT_SECONDS_MAX
    while time.monotonic() < ends:
        asked = admin.describe_configs([ConfigResource(ConfigResource.Type.TOPIC, topic)])
        (told,) = asked.values()
        if told.result(WAIT_SECONDS_MAX)[_NAME].value == whom:
            return
    raise TimeoutError(f"{topic} is not dated by {whom}")
