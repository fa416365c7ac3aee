"""AsyncAPI 3.0 of the whole bus, generated from the catalogue."""

from pathlib import Path
from typing import Any

from shared.contracts.base import Fact, Topic
from shared.contracts.catalogue import FACTS, TOPICS, facts_of
from shared.contracts.schemas import schema_of

FILE = Path(__file__).parent / "asyncapi.json"
HEADERS = {
    "ce_specversion": "always 1.0",
    "ce_id": "UUID of version 7 of this fact",
    "ce_type": "the type, which ends in its major version",
    "ce_source": "the service and cell that say it",
    "ce_subject": "the thing the fact is about",
    "ce_time": "when it became true, RFC 3339",
    "ce_partitionkey": "the Kafka key",
    "ce_partner": "registration number of the partner it concerns, if any",
    "ce_sequence": "epoch and number, given by the sender; absent in what payment offices say",
    "ce_dataschema": "the schema of the value",
    "content-type": "application/json",
    "traceparent": "W3C trace context",
    "correlationid": "one for all that followed from one request",
    "causationid": "ce_id of the fact this one follows from",
}


def _name(topic: Topic) -> str:
    """A channel's name without characters that references cannot hold."""
    return topic.name.replace("{office}", "OFFICE")


def _channel(topic: Topic) -> dict[str, Any]:
    """A topic as a channel with its messages."""
    channel: dict[str, Any] = {
        "address": topic.name,
        "description": topic.about,
        "messages": {
            fact.__name__: {"$ref": f"#/components/messages/{fact.__name__}"}
            for fact in facts_of(topic)
        },
        "bindings": {
            "kafka": {
                "partitions": topic.partitions,
                "topicConfiguration": {
                    "cleanup.policy": [topic.cleanup.value],
                    "retention.ms": topic.retention_ms,
                },
            }
        },
    }
    if topic.is_pattern:
        about = "registration number of the partner whose payment office it is"
        channel["parameters"] = {"office": {"description": about}}
    return channel


def _message(fact: type[Fact]) -> dict[str, Any]:
    """A fact as a message."""
    return {
        "name": fact.type,
        "title": fact.__name__,
        "summary": (fact.__doc__ or "").strip().splitlines()[0],
        "contentType": "application/json",
        "headers": {
            "type": "object",
            "properties": {
                name: {"type": "string", "description": about} for name, about in HEADERS.items()
            },
        },
        "payload": {
            "schemaFormat": "application/schema+json;version=draft-2020-12",
            "schema": schema_of(fact),
        },
        "bindings": {"kafka": {"key": {"type": "string", "description": fact.key_field}}},
    }


def _operations() -> dict[str, Any]:
    """Who sends and who receives on each channel."""
    found = {}
    for topic in TOPICS.values():
        channel = {"$ref": f"#/channels/{_name(topic)}"}
        found[f"{topic.owner}.sends.{_name(topic)}"] = {"action": "send", "channel": channel}
        for reader in topic.readers:
            operation = {"action": "receive", "channel": channel}
            found[f"{reader}.receives.{_name(topic)}"] = operation
    return found


def document() -> dict[str, Any]:
    """The whole document."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Pumpurs: facts on the bus",
            "version": "1.0.0",
            "description": "CloudEvents 1.0 in binary mode; one topic a family of facts.",
        },
        "defaultContentType": "application/json",
        "channels": {_name(topic): _channel(topic) for topic in TOPICS.values()},
        "operations": _operations(),
        "components": {"messages": {fact.__name__: _message(fact) for fact in FACTS.values()}},
    }
