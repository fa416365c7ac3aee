"""The doors to editions: publish, read, download, compare, check."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi import Query as Asked
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.reporting import edition_rows, editions
from services.reporting.domain import EDITION_PERIOD
from services.reporting.edition_rules import differences
from services.reporting.editions import NoTable
from services.reporting.settings import Settings
from services.reporting.sight import STATE_ROLES
from shared.auth import STATE, Role
from shared.errors import Refused
from shared.web import Command, Query, command, query

router = APIRouter(tags=["editions"])
MEDIA = {"json": "application/json", "csv": "text/csv; charset=utf-8"}


class NotNational(Refused):
    """Editions are published where the national level runs."""

    code = "not-of-this-level"
    status = 404


class OnContradiction(StrEnum):
    """What to do with blocks that an open contradiction touches."""

    REFUSE = "refuse"
    WITHHOLD = "withhold"


class NewEdition(BaseModel):
    """What to publish: a semester (2017-1), a school year (2017) or all."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    period: str = Field(pattern=EDITION_PERIOD)
    on_contradiction: OnContradiction = OnContradiction.REFUSE


class TableHash(BaseModel):
    """One file of an edition."""

    name: str
    format: str
    sha256: str


class Edition(BaseModel):
    """An edition: what it is made of and the fingerprints of its tables."""

    edition_id: str
    period: str
    published_at: datetime
    published_by: str
    positions: list[tuple[str, int, int]]
    withheld_for: list[str]
    groups_guarded: int
    tables: list[TableHash]


class Editions(BaseModel):
    """Editions in the order of publication."""

    editions: list[Edition]


class Difference(BaseModel):
    """What two editions differ in, line by line."""

    before: str
    after: str
    positions_before: list[tuple[str, int, int]]
    positions_after: list[tuple[str, int, int]]
    lines: list[dict[str, Any]]


class Checked(BaseModel):
    """A table as kept and as built again."""

    name: str
    format: str
    sha256: str
    sha256_rebuilt: str
    same: bool


class Verification(BaseModel):
    """Whether an edition built again from its inputs has the same bytes."""

    edition_id: str
    same: bool
    tables: list[Checked]


class Export(BaseModel):
    """One download."""

    name: str
    format: str
    person: str
    exported_at: datetime


class Exports(BaseModel):
    """Who took which tables of an edition out."""

    exports: list[Export]


async def _shape(asked: Query, kept: dict[str, Any]) -> Edition:
    hashes = await edition_rows.hashes(asked.session, kept["edition_id"])
    return Edition(
        edition_id=kept["edition_id"],
        period=kept["period"],
        published_at=kept["published_at"],
        published_by=kept["published_by"],
        positions=kept["positions"],
        withheld_for=kept["blocked"],
        groups_guarded=kept["guarded"],
        tables=[TableHash(name=n, format=f, sha256=h) for n, f, h in hashes],
    )


def must_publish(asked: Query) -> None:
    """Raise NotNational where this process runs the municipal level only."""
    settings = asked.session.info["settings"]
    assert isinstance(settings, Settings)
    if not settings.level.publishes:
        raise NotNational


@router.post("/editions")
async def publish_edition(
    new: NewEdition, order: Annotated[Command, command(Role.STATE_OFFICER)]
) -> Response:
    """Publish an edition; 409 `contradiction-open` lists what must be decided before."""
    order.person.must({Role.STATE_OFFICER}, STATE)
    must_publish(order)
    kept = await editions.publish_edition(
        order.session,
        new.period,
        withhold=new.on_contradiction is OnContradiction.WITHHOLD,
        by=order.person,
        now=order.now,
    )
    return await order.answer(await _shape(order, kept), 201)


@router.get("/editions")
async def list_editions(
    asked: Annotated[Query, query()],
    period: Annotated[str | None, Asked(pattern=EDITION_PERIOD)] = None,
) -> Editions:
    """All editions, or those of a period; anybody signed in may read what is public."""
    kept = await edition_rows.editions(asked.session, period)
    return Editions(editions=[await _shape(asked, one) for one in kept])


@router.get("/editions/{edition_id}")
async def get_edition(edition_id: str, asked: Annotated[Query, query()]) -> Edition:
    """One edition with its positions and fingerprints."""
    return await _shape(asked, await editions.edition(asked.session, edition_id))


@router.get("/editions/{edition_id}/tables/{name}.{form}")
async def download_table(
    edition_id: str, name: str, form: str, asked: Annotated[Query, query()]
) -> Response:
    """The bytes of one table (`municipalities.119.csv`); who took it is written down."""
    found = await edition_rows.content(asked.session, edition_id, name, form)
    if found is None:
        raise NoTable(edition=edition_id, table=f"{name}.{form}")
    row = {"edition_id": edition_id, "name": name, "format": form}
    row |= {"person": asked.person.subject}
    await edition_rows.note_export(asked.session, row | {"exported_at": asked.now})
    content, digest = found
    return Response(content, media_type=MEDIA[form], headers={"ETag": f'"{digest}"'})


@router.get("/editions/{older}/difference/{newer}")
async def compare_editions(older: str, newer: str, asked: Annotated[Query, query()]) -> Difference:
    """Every cell that says something else in the newer edition, with the reason's code."""
    before, after = [await editions.edition(asked.session, name) for name in (older, newer)]
    lines = differences(
        await editions.documents_of(asked.session, older),
        await editions.documents_of(asked.session, newer),
    )
    return Difference(
        before=older,
        after=newer,
        positions_before=before["positions"],
        positions_after=after["positions"],
        lines=lines,
    )


@router.get("/editions/{edition_id}/verification")
async def verify_edition(
    edition_id: str, asked: Annotated[Query, query(*sorted(STATE_ROLES))]
) -> Verification:
    """Build the edition again from its inputs and compare the bytes."""
    asked.person.must(STATE_ROLES, STATE)
    tables = [
        Checked(name=n, format=f, sha256=kept, sha256_rebuilt=now, same=kept == now)
        for n, f, kept, now in await editions.rebuilt(asked.session, edition_id)
    ]
    same = all(table.same for table in tables)
    return Verification(edition_id=edition_id, same=same, tables=tables)


@router.get("/editions/{edition_id}/exports")
async def list_exports(
    edition_id: str, asked: Annotated[Query, query(Role.STATE_OFFICER, Role.AUDITOR)]
) -> Exports:
    """Who took which tables of an edition out, and when."""
    asked.person.must({Role.STATE_OFFICER, Role.AUDITOR}, STATE)
    await editions.edition(asked.session, edition_id)
    rows = await edition_rows.exports(asked.session, edition_id)
    return Exports(exports=[Export.model_validate(row, extra="ignore") for row in rows])
