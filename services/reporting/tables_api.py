"""The doors to tables: as last published for everybody, as they would be printed for the state."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from fastapi import Query as Asked
from pydantic import BaseModel

from services.reporting import edition_rows, editions, reported
from services.reporting.domain import EDITION_PERIOD
from services.reporting.edition_inputs import INDICATORS
from services.reporting.edition_rules import released_counts
from services.reporting.editions import NoTable
from services.reporting.hierarchy import grid_of_period
from services.reporting.public_columns import TABLES, Rows
from services.reporting.sight import STATE_ROLES
from shared.auth import STATE, Role
from shared.errors import NotFound
from shared.web import Query, query

router = APIRouter(tags=["tables"])
Period = Annotated[str, Asked(pattern=EDITION_PERIOD)]
Hierarchy = Literal["119", "43", "42"]


class NotPublished(NotFound):
    """No edition of this period was published yet."""

    code = "not-published"


class TableCell(BaseModel):
    """A mark, and the number where the mark is `value` or `zero`."""

    mark: str
    value: int | None


class TableColumn(BaseModel):
    """A column with its labels."""

    code: str
    label_lv: str
    label_en: str


class TableRow(BaseModel):
    """One place."""

    place: str
    kind: str
    name_lv: str
    name_en: str
    municipality_id: str | None
    undivided: bool
    cells: dict[str, TableCell]


class PublicTable(BaseModel):
    """A public table; `edition_id` is empty in a preview."""

    edition_id: str | None
    table: str
    hierarchy: str | None
    period: str
    label_lv: str
    label_en: str
    small_group_min: int
    columns: list[TableColumn]
    notes: dict[str, Any]
    rows: list[TableRow]


class Indicators(BaseModel):
    """The indicators of a period against the targets in force at its end."""

    edition_id: str | None
    period: str
    indicators: list[dict[str, Any]]


class NotReported(BaseModel):
    """Who takes part and told nothing for the period; that is not zero."""

    period: str
    municipalities: list[dict[str, str]]
    schools: list[dict[str, str]]


class Released(BaseModel):
    """How often each number was printed, over all editions of a period."""

    period: str
    cells: list[dict[str, Any]]


def _table_name(name: str, period: str, hierarchy: str | None) -> str:
    """The full name of a table on a map; by default that of the period's end."""
    for table in TABLES:
        if table.name == name:
            grid = hierarchy or grid_of_period(period)
            return f"{name}.{grid}" if table.rows is Rows.MUNICIPALITIES else name
    raise NoTable(table=name, known=[table.name for table in TABLES])


async def _last_edition(asked: Query, period: str) -> str:
    published = await edition_rows.editions(asked.session, period)
    if not published:
        raise NotPublished(period=period)
    return str(published[-1]["edition_id"])


@router.get("/tables/{name}")
async def get_table(
    name: str,
    asked: Annotated[Query, query()],
    period: Period,
    hierarchy: Hierarchy | None = None,
) -> PublicTable:
    """A table as the last edition of the period prints it; no filter shows what is hidden."""
    full = _table_name(name, period, hierarchy)
    edition_id = await _last_edition(asked, period)
    found = await edition_rows.content(asked.session, edition_id, full, "json")
    if found is None:
        raise NoTable(edition=edition_id, table=full)
    return PublicTable(edition_id=edition_id, **json.loads(found[0]))


@router.get("/indicators")
async def get_indicators(asked: Annotated[Query, query()], period: Period) -> Indicators:
    """Indicators against targets as the last edition of the period prints them."""
    edition_id = await _last_edition(asked, period)
    found = await edition_rows.content(asked.session, edition_id, INDICATORS, "json")
    assert found is not None
    document: Mapping[str, Any] = json.loads(found[0])
    return Indicators(edition_id=edition_id, period=period, indicators=document["indicators"])


@router.get("/previews/{name}")
async def preview_table(
    name: str,
    asked: Annotated[Query, query(Role.STATE_OFFICER)],
    period: Period,
    hierarchy: Hierarchy | None = None,
) -> PublicTable:
    """A table as an edition published now would print it; nothing is released by looking."""
    asked.person.must({Role.STATE_OFFICER}, STATE)
    tables = await editions.preview(asked.session, period, day=asked.today)
    return PublicTable(edition_id=None, **tables[_table_name(name, period, hierarchy)])


@router.get("/not-reported")
async def not_reported(
    asked: Annotated[Query, query(*sorted(STATE_ROLES))], period: Period
) -> NotReported:
    """Partner municipalities and involved schools without any fact counted for the period."""
    asked.person.must(STATE_ROLES, STATE)
    municipalities, schools = await reported.silent(asked.session, period)
    return NotReported(period=period, municipalities=municipalities, schools=schools)


@router.get("/released-cells")
async def released_cells(
    asked: Annotated[Query, query(*sorted(STATE_ROLES))], period: Period
) -> Released:
    """How often the number of each place and column of a period was printed."""
    asked.person.must(STATE_ROLES, STATE)
    published = await edition_rows.editions(asked.session, period)
    documents = [await editions.documents_of(asked.session, e["edition_id"]) for e in published]
    cells = [
        {"place": place, "column": column, "printed": times}
        for (place, column), times in sorted(released_counts(documents).items())
    ]
    return Released(period=period, cells=cells)
