"""Spans of the consuming side; they cost next to nothing while nobody collects them.

One `process` span per batch, linked to what it holds, and inside a fact's own trace a child
whose context goes on with whatever follows from the fact: so one trace spans request, fact,
consumer and next fact.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from opentelemetry import trace
from opentelemetry.trace import Link, Span, SpanContext, SpanKind, TraceFlags

from shared.bus.hearing import with_trace
from shared.contracts.base import Received

LINKS_MAX = 128
_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")


@contextmanager
def of_facts(group: str, told: Sequence[Received[Any]]) -> Iterator[Sequence[Received[Any]]]:
    """The facts to apply; those of a collected trace continue in a span of their own."""
    if not _is_collected():
        yield told
        return
    tracer = trace.get_tracer("pumpurs.bus")
    contexts = [_context(received.traceparent) for received in told]
    links = [Link(context) for context in contexts if context is not None][:LINKS_MAX]
    with tracer.start_as_current_span(
        f"process {group}",
        kind=SpanKind.CONSUMER,
        links=links,
        attributes={"messaging.system": "kafka", "messaging.batch.message_count": len(told)},
    ):
        spans: list[Span] = []
        followed = []
        for received, context in zip(told, contexts, strict=True):
            if context is None or not context.trace_flags.sampled:
                followed.append(received)
                continue
            parent = trace.set_span_in_context(trace.NonRecordingSpan(context))
            span = tracer.start_span(f"apply {received.fact.type}", context=parent)
            spans.append(span)
            followed.append(with_trace(received, traceparent(span.get_span_context())))
        try:
            yield followed
        finally:
            for span in spans:
                span.end()


def traceparent(context: SpanContext) -> str:
    """A span's place in its trace, as W3C Trace Context writes it."""
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def _is_collected() -> bool:
    """Whether spans go anywhere: only then a tracer provider was set up."""
    return not isinstance(
        trace.get_tracer_provider(), trace.ProxyTracerProvider | trace.NoOpTracerProvider
    )


def _context(written: str | None) -> SpanContext | None:
    """A `traceparent` as a span context; None where there is none or it cannot be read."""
    found = _TRACEPARENT.fullmatch(written) if written else None
    if found is None:
        return None
    trace_id, span_id, flags = found.groups()
    return SpanContext(
        int(trace_id, 16), int(span_id, 16), is_remote=True, trace_flags=TraceFlags(int(flags, 16))
    )
