"""Health of a process: alive while its loops go round, ready when what it needs is there."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from shared.metrics import REGISTRY

Check = Callable[[], Awaitable[dict[str, str]]]


class Health(BaseModel):
    """What is well, and for each thing that is not, why."""

    status: str
    faults: dict[str, str]


@dataclass(frozen=True)
class Checks:
    """Each answers the faults it sees by name; none when all is well."""

    live: tuple[Check, ...] = ()
    ready: tuple[Check, ...] = ()


async def _answer(checks: tuple[Check, ...]) -> Response:
    """200 when no check has a fault, otherwise 503 with all of them."""
    faults: dict[str, str] = {}
    for check in checks:
        faults |= await check()
    health = Health(status="ok" if not faults else "fault", faults=faults)
    return JSONResponse(health.model_dump(), status_code=503 if faults else 200)


def router(checks: Checks) -> APIRouter:
    """The doors `/health/live`, `/health/ready` and `/metrics`, open to the platform."""
    doors = APIRouter(tags=["health"])

    @doors.get("/health/live", response_model=Health)
    async def live() -> Response:
        """Whether the loops of this process go round; restart it where they do not."""
        return await _answer(checks.live)

    @doors.get("/health/ready", response_model=Health)
    async def ready() -> Response:
        """Whether the process can work: database, broker, assignment, nothing stopped."""
        return await _answer(checks.ready)

    @doors.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        """Metrics for scraping."""
        return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)

    return doors
