"""Where spans come from (requests, statements) and where they go; loaded only when collected."""

from fastapi import FastAPI
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.asyncpg import AsyncPGInstrumentor
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

from shared.settings import ServiceSettings


def send_spans(service: str, settings: ServiceSettings) -> None:
    """Collect spans of this process, a share of all traces, and send them to the collector."""
    provider = TracerProvider(
        resource=Resource.create(
            {"service.name": f"pumpurs-{service}", "service.namespace": settings.cell}
        ),
        sampler=ParentBased(TraceIdRatioBased(settings.trace_share)),
    )
    exporter = OTLPSpanExporter(endpoint=f"{settings.otlp_endpoint.rstrip('/')}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    AsyncPGInstrumentor().instrument()  # type: ignore[no-untyped-call]  # it has no types


def trace_requests(app: FastAPI) -> None:
    """A span for each request that is not the platform's own."""
    FastAPIInstrumentor.instrument_app(app, excluded_urls="health,metrics")
