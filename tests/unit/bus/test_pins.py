"""What we lean on inside other people's packages is as we read it."""

import gc
import importlib.metadata
import inspect
import re
import weakref
from pathlib import Path
from typing import Any

from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.producer.sender import Sender
from aiokafka.structs import TopicPartition
from faststream.kafka.message import KafkaAckableMessage
from faststream.kafka.parser import AioKafkaBatchParser

from shared import VERSION, metrics
from shared.bus import edge
from shared.bus.hearing import KeptRecord
from shared.bus.record_batch import RecordBatch

ROOT = Path(__file__).resolve().parents[3]


def test_the_versions_whose_inside_we_replace_are_pinned() -> None:
    assert importlib.metadata.version("faststream") == "0.7.8"
    assert importlib.metadata.version("aiokafka") == "0.14.0"


def test_faststreams_own_poll_still_sleeps_twice_and_its_parser_reads_headers() -> None:
    assert "anyio.sleep(self.batch_timeout_ms / 1000)" in inspect.getsource(edge._get_msg)
    assert "j.decode() for i, j in m.headers" in inspect.getsource(AioKafkaBatchParser.parse_batch)


async def test_a_poll_is_freed_as_soon_as_it_is_applied_without_the_cycle_collector() -> None:
    async def original(records: Any) -> KafkaAckableMessage:
        return KafkaAckableMessage(raw_message=records, body=[], consumer=consumer)

    consumer: Any = object()
    polled: edge.Polled = {TopicPartition("t", 0): [KeptRecord("t", 0, 7, 0)]}
    record = weakref.ref(polled[TopicPartition("t", 0)][0])
    gc.disable()
    try:
        message = await edge._whole_poll(polled, original)
        message.set_decoder(edge._poll_itself)
        assert await message.decode() == (polled, consumer)
        del message, polled
        assert record() is None
    finally:
        gc.enable()


def test_our_record_batch_answers_all_that_the_sender_asks_of_a_builder() -> None:
    asked = {
        name
        for name, thing in vars(BatchBuilder).items()
        if inspect.isfunction(thing) and name not in {"__init__", "append", "_serialize"}
    }
    assert asked <= set(dir(RecordBatch)) and hasattr(Sender, "close")


def test_our_version_is_the_projects() -> None:
    assert f'version = "{VERSION}"' in (ROOT / "pyproject.toml").read_text()


def test_every_metric_is_defined_once_in_one_place_with_a_sentence() -> None:
    families = list(metrics.REGISTRY.collect())
    assert len({family.name for family in families}) == len(families) > 10
    for family in families:
        assert re.fullmatch(r"pumpurs_[a-z_]+", family.name), family.name
        assert family.documentation.endswith("."), family.name
    elsewhere = [
        path
        for folder in ("services", "shared")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"\b(Counter|Gauge|Histogram|Summary)\(", path.read_text("utf-8"))
        and "prometheus_client" in path.read_text("utf-8")
    ]
    assert elsewhere == [ROOT / "shared" / "metrics.py"]
