"""Spans cost nothing while nobody collects them; then one trace goes through every hop."""

from collections.abc import Iterator

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared.bus import spans
from shared.contracts.base import Received
from tests.bus_world import NOON, Thing, a_world

WORLD = a_world("tests.spans.v1")
TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
SAMPLED = f"00-{TRACE_ID}-b7ad6b7169203331-01"
NOT_SAMPLED = f"00-{TRACE_ID}-b7ad6b7169203331-00"


def told(*traceparents: str | None) -> list[Received[Thing]]:
    return [
        Received(
            fact=WORLD.counted(thing=str(n)), at=NOON, event_id=str(n), source="/tests",
            topic="t", partition=0, offset=n, traceparent=traceparent,
        )
        for n, traceparent in enumerate(traceparents)
    ]  # fmt: skip


@pytest.fixture
def collected(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """Spans go into a list, as if a collector had been configured."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
    monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
    yield exporter
    provider.shutdown()


def test_without_a_collector_facts_pass_through_untouched() -> None:
    batch = told(SAMPLED, None)
    with spans.of_facts("group", batch) as facts:
        assert facts is batch


def test_a_fact_of_a_collected_trace_goes_on_in_a_span_of_its_own(
    collected: InMemorySpanExporter,
) -> None:
    with spans.of_facts("payments.national.plans", told(SAMPLED, NOT_SAMPLED, None, "?")) as facts:
        followed = facts[0].traceparent
        assert [one.traceparent for one in facts[1:]] == [NOT_SAMPLED, None, "?"]
    apply, process = collected.get_finished_spans()
    assert apply.name == "apply pumpurs.tests.thing-counted.v1"
    context, parent = apply.get_span_context(), apply.parent
    assert context is not None and parent is not None
    assert f"{context.trace_id:032x}" == TRACE_ID and f"{parent.span_id:016x}" == SAMPLED[36:52]
    assert followed == f"00-{TRACE_ID}-{context.span_id:016x}-01"
    assert process.name == "process payments.national.plans" and len(process.links) == 2


def test_a_batch_of_many_has_a_limited_number_of_links(collected: InMemorySpanExporter) -> None:
    with spans.of_facts("group", told(*[NOT_SAMPLED] * 200)):
        pass
    (process,) = collected.get_finished_spans()
    assert len(process.links) == spans.LINKS_MAX
