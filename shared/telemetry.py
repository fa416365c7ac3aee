"""Traces, when somebody collects them: sampled by share, errors and children by their parent."""

from fastapi import FastAPI

from shared.settings import ServiceSettings


def configure(service: str, settings: ServiceSettings) -> None:
    """Send spans to OTLP_ENDPOINT; without one nothing is collected and nothing is loaded."""
    if settings.otlp_endpoint:
        from shared.tracing import send_spans  # noqa: PLC0415 - half a second of loading

        send_spans(service, settings)


def trace_doors(app: FastAPI, settings: ServiceSettings) -> None:
    """Let every request but those of the platform be a span."""
    if settings.otlp_endpoint:
        from shared.tracing import trace_requests  # noqa: PLC0415 - as above

        trace_requests(app)
