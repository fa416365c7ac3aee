"""Code lists: what a code means, in Latvian and English, with its validity and attributes."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from shared.errors import NotFound
from shared.web import Query, query


class UnknownCodeList(NotFound):
    """This service owns no such code list."""

    code = "unknown-code-list"


class CodeEntry(BaseModel):
    """One code with its labels."""

    model_config = ConfigDict(frozen=True)

    code: str
    label_lv: str
    label_en: str
    attributes: dict[str, JsonValue] = Field(default_factory=dict)
    valid_from: date | None = None
    valid_to: date | None = None


class CodeList(BaseModel):
    """A code list of this service."""

    name: str
    entries: list[CodeEntry]


class CodeLists(BaseModel):
    """All code lists of this service."""

    code_lists: list[CodeList]


def router(code_lists: Mapping[str, Sequence[CodeEntry]]) -> APIRouter:
    """The doors `GET /code-lists` and `GET /code-lists/{name}` of the service that owns these."""
    doors = APIRouter(tags=["code lists"])
    lists = {
        name: CodeList(name=name, entries=list(entries))
        for name, entries in sorted(code_lists.items())
    }

    @doors.get("/code-lists")
    async def list_code_lists(_asked: Annotated[Query, query()]) -> CodeLists:
        """All code lists this service owns."""
        return CodeLists(code_lists=list(lists.values()))

    @doors.get("/code-lists/{name}")
    async def get_code_list(name: str, _asked: Annotated[Query, query()]) -> CodeList:
        """One code list; 404 `unknown-code-list`."""
        if name not in lists:
            raise UnknownCodeList(name=name, known=list(lists))
        return lists[name]

    return doors
