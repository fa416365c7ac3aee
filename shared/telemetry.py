"""Traces, when somebody collects them: sampled by share, errors and children by their parent."""

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.asyncpg import AsyncPGInstrumentor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

from shared.settings import ServiceSettings


def configure(service: str, settings: ServiceSettings) -> None:
    """Send spans to OTLP_ENDPOINT; without one nothing is collected and nothing costs."""
    if not settings.otlp_endpoint:
        return
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
