"""Answers to what went wrong: problem+json (RFC 9457) with a stable code, a sentence, a field."""

from collections.abc import Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, JsonValue
from pydantic_core import ErrorDetails
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from shared.bus.not_now import is_not_now, reason_of
from shared.errors import NotReady, Refused

PROBLEM_JSON = "application/problem+json"
RETRY_SECONDS = 1
NUL_CHARACTER = "22021"
"""SQLSTATE of a text that the database cannot hold; others come from faults of ours."""
CODES = {
    400: "bad-request",
    404: "not-found",
    405: "method-not-allowed",
    413: "body-too-large",
    415: "unsupported-media-type",
}
log = structlog.get_logger(__name__)


class Problem(BaseModel):
    """The shape of every refusal."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    field: str | None = None
    errors: list[dict[str, JsonValue]] | None = None


def problem(status: int, code: str, detail: str, **more: Any) -> JSONResponse:
    """A refusal as an answer."""
    body = {
        "type": f"urn:pumpurs:problem:{code}",
        "title": code.replace("-", " "),
        "status": status,
        "code": code,
        "detail": detail,
        **{name: value for name, value in more.items() if value is not None},
    }
    return JSONResponse(body, status_code=status, media_type=PROBLEM_JSON)


def field_of(location: Sequence[int | str]) -> str:
    """A field's path as people write it: `lines.3.cents`."""
    skipped = ("body", "query", "path", "header")
    parts = [str(part) for part in location]
    return ".".join(parts[1:] if parts and parts[0] in skipped else parts)


def sentence_of(message: str) -> str:
    """What a check of ours says, without what pydantic puts before it."""
    return message.removeprefix("Value error, ")


def explain(errors: Sequence[ErrorDetails] | Sequence[Any]) -> list[dict[str, JsonValue]]:
    """Errors of pydantic as field, code and message, without repeating what was sent."""
    return [
        {"field": field_of(e["loc"]), "code": str(e["type"]), "message": sentence_of(str(e["msg"]))}
        for e in errors
    ]


def _refused(_request: Request, error: Exception) -> Response:
    """A business refusal."""
    assert isinstance(error, Refused)
    return problem(
        error.status, error.code, error.sentence, field=error.field, **_safe(error.details)
    )


def _safe(details: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Details that do not hide a standard member."""
    standard = ("type", "title", "status", "code", "detail", "field")
    return {f"{k}_" if k in standard else k: v for k, v in details.items()}


def _invalid(_request: Request, error: Exception) -> Response:
    """A body, query or header that is not of its form."""
    assert isinstance(error, RequestValidationError)
    errors = explain(error.errors())
    first = errors[0]
    detail = f"{first['field']}: {first['message']}"
    return problem(422, "invalid", detail, field=first["field"], errors=errors)


def _http(_request: Request, error: Exception) -> Response:
    """What the framework itself refuses."""
    assert isinstance(error, HTTPException)
    code = CODES.get(error.status_code, f"http-{error.status_code}")
    answer = problem(error.status_code, code, str(error.detail))
    answer.headers.update(error.headers or {})
    return answer


def _fault(request: Request, error: Exception) -> Response:
    """A fault of ours; the log has the rest."""
    log.error("fault", path=request.url.path, method=request.method, exc_info=error)
    return problem(500, "fault", "Something broke on our side; the fault was written down.")


def _database(request: Request, error: Exception) -> Response:
    """A database that cannot do it now: two requests met, or it restarts; the same key is safe."""
    if getattr(getattr(error, "orig", None), "sqlstate", None) == NUL_CHARACTER:
        return problem(422, "nul-character", "A text holds the character NUL; send it without.")
    if not is_not_now(error):
        return _fault(request, error)
    log.warning("not now", path=request.url.path, method=request.method, why=reason_of(error))
    later = NotReady()
    answer = problem(later.status, later.code, later.sentence)
    answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer


def add_problem_handlers(app: FastAPI) -> None:
    """Let every answer of an application that is not a success be a problem."""
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(DBAPIError, _database)
    app.add_exception_handler(NoConnectionFree, _database)
    app.add_exception_handler(ConnectionError, _database)
    app.add_exception_handler(Exception, _fault)
