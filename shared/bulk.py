"""Bulk commands: many lines in, one answer a line out; good lines are kept or the whole refused.

A body is a JSON array, `{"lines": [...]}`, JSON lines (`application/x-ndjson`) or CSV with a
header line (`text/csv`). Lines count from 1; in CSV the header is not a line.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Literal, TypeVar

from fastapi import Request
from pydantic import BaseModel, JsonValue, TypeAdapter, ValidationError

from shared.errors import Invalid, Refused
from shared.problems import field_of, sentence_of

LINES_MAX = 20_000
M = TypeVar("M", bound=BaseModel)


class OnError(StrEnum):
    """What a bad line does to the good ones."""

    SKIP = "skip"
    STOP = "stop"


@dataclass(slots=True)
class LineAnswer:
    """What became of one line; plain, because thousands are made for one command."""

    line: int
    status: Literal["accepted", "refused"]
    id: str | None = None
    code: str | None = None
    field: str | None = None
    message: str | None = None
    details: dict[str, Any] | None = None


class BulkAnswer(BaseModel):
    """What became of all lines, in their order."""

    accepted: int
    refused: int
    lines: list[LineAnswer]

    @classmethod
    def of(cls, lines: Iterable[LineAnswer]) -> "BulkAnswer":
        """Count and order the answers of lines."""
        ordered = sorted(lines, key=lambda answer: answer.line)
        refused = sum(answer.status == "refused" for answer in ordered)
        # Made of our own answers: looking at thousands of them again would find nothing.
        return cls.model_construct(accepted=len(ordered) - refused, refused=refused, lines=ordered)


class UnreadableBody(Invalid):
    """The body is neither a JSON array, an object with lines, JSON lines, nor CSV."""

    code = "unreadable-body"
    status = 400


class TooManyLines(Invalid):
    """A bulk command takes only so many lines at once; send the rest in another."""

    code = "too-many-lines"
    status = 413


class NoLines(Invalid):
    """A bulk command needs at least one line."""

    code = "no-lines"


class BulkStopped(Refused):
    """A line was refused and the caller asked to stop: nothing of this command was kept."""

    code = "bulk-stopped"

    def __init__(self, answer: BulkAnswer) -> None:
        """Carry the answers of all lines."""
        super().__init__(**answer.model_dump(mode="json"))


def accepted(line: int, id: str | None = None, **details: JsonValue) -> LineAnswer:  # noqa: A002 - the wire name
    """The answer of a line that was kept."""
    return LineAnswer(line=line, status="accepted", id=id, details=details or None)


def refused(line: int, why: Refused) -> LineAnswer:
    """The answer of a line that a rule refused."""
    return LineAnswer(
        line=line,
        status="refused",
        code=why.code,
        field=why.field,
        message=why.sentence,
        details=why.details or None,
    )


def settle(answers: Iterable[LineAnswer], on_error: OnError) -> BulkAnswer:
    """The answer of the whole; raises BulkStopped where a bad line must stop it."""
    answer = BulkAnswer.of(answers)
    if on_error is OnError.STOP and answer.refused:
        raise BulkStopped(answer)
    return answer


async def read_lines(
    request: Request, model: type[M], *, lines_max: int = LINES_MAX
) -> tuple[list[tuple[int, M]], list[LineAnswer]]:
    """The readable lines with their numbers, and the answers of those that are not.

    Raises UnreadableBody, TooManyLines, NoLines.
    """
    body = await request.body()
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip()
    if kind in ("application/x-ndjson", "application/jsonl"):
        return _limited(_json_lines(body), model, lines_max)
    if kind == "text/csv":
        return _limited(_csv_lines(body), model, lines_max)
    fast = _all_good(body, model, lines_max)
    if fast is not None:
        return fast, []
    return _limited(_json_array(body), model, lines_max)


@cache
def _adapters(model: type[BaseModel]) -> tuple[TypeAdapter[Any], TypeAdapter[Any]]:
    """Readers of a whole body at once: a bare array, and an object with lines."""
    listed = list[model]  # type: ignore[valid-type]  # the model is a value here, by design
    return TypeAdapter(listed), TypeAdapter(dict[Literal["lines"], listed])


def _all_good(body: bytes, model: type[M], lines_max: int) -> list[tuple[int, M]] | None:
    """The usual case, read in one go; None where any line needs a closer look."""
    array, wrapped = _adapters(model)
    try:
        if body.lstrip()[:1] == b"[":
            lines = array.validate_json(body)
        else:
            lines = wrapped.validate_json(body)["lines"]
    except (ValidationError, KeyError):
        return None
    _check_count(len(lines), lines_max)
    return list(enumerate(lines, start=1))


def _check_count(count: int, lines_max: int) -> None:
    """Refuse none and too many."""
    if count == 0:
        raise NoLines()
    if count > lines_max:
        raise TooManyLines(lines=count, lines_max=lines_max)


def _limited(
    lines: Sequence[Any], model: type[M], lines_max: int
) -> tuple[list[tuple[int, M]], list[LineAnswer]]:
    """Check lines one by one."""
    _check_count(len(lines), lines_max)
    good: list[tuple[int, M]] = []
    bad: list[LineAnswer] = []
    for number, line in enumerate(lines, start=1):
        try:
            good.append((number, _one(line, model)))
        except ValidationError as error:
            bad.append(_bad_line(number, error))
    return good, bad


def _one(line: Any, model: type[M]) -> M:
    """One line as its model; text of JSON lines is read as JSON."""
    if isinstance(line, (bytes, str)):
        return model.model_validate_json(line)
    return model.model_validate_json(json.dumps(line))


def _bad_line(number: int, error: ValidationError) -> LineAnswer:
    """The answer of a line that is not of its form."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    return LineAnswer(
        line=number,
        status="refused",
        code="invalid",
        field=field_of(first["loc"]) or None,
        message=sentence_of(str(first["msg"])),
    )


def _json_array(body: bytes) -> Sequence[Any]:
    """The lines of a JSON body."""
    try:
        read = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UnreadableBody() from error
    lines = read.get("lines") if isinstance(read, dict) else read
    if not isinstance(lines, list):
        raise UnreadableBody()
    return lines


def _json_lines(body: bytes) -> Sequence[bytes]:
    """The lines of a body of JSON lines; empty ones do not count."""
    return [line for line in body.split(b"\n") if line.strip()]


def _csv_lines(body: bytes) -> Sequence[dict[str, Any]]:
    """The lines of a CSV body by its header; an empty cell is an absent value."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableBody() from error
    return list(_csv_rows(text))


def _csv_rows(text: str) -> Iterator[dict[str, Any]]:
    """Rows as objects."""
    for row in csv.DictReader(io.StringIO(text, newline="")):
        yield {name: value for name, value in row.items() if name is not None and value != ""}


def lines_schema(
    model: type[BaseModel], *, lines_max: int = LINES_MAX, csv_too: bool = False
) -> dict[str, Any]:
    """What OpenAPI says about the body of a bulk door, as its `openapi_extra`."""
    line = _inlined(model.model_json_schema(), {})
    lines = {"type": "array", "items": line, "minItems": 1, "maxItems": lines_max}
    body = {"type": "object", "required": ["lines"], "properties": {"lines": lines}}
    content: dict[str, Any] = {
        "application/json": {"schema": body},
        "application/x-ndjson": {"schema": line},
    }
    if csv_too:
        content["text/csv"] = {"schema": {"type": "string"}}
    return {"requestBody": {"required": True, "content": content}}


def _inlined(schema: Any, definitions: dict[str, Any]) -> Any:
    """A schema with its definitions where they are named; a path cannot refer to them."""
    if isinstance(schema, list):
        return [_inlined(part, definitions) for part in schema]
    if not isinstance(schema, dict):
        return schema
    known = definitions or schema.get("$defs", {})
    if "$ref" in schema:
        return _inlined(known[schema["$ref"].rsplit("/", 1)[1]], known)
    return {name: _inlined(part, known) for name, part in schema.items() if name != "$defs"}
