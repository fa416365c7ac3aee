"""The figures of the five pages, counted from facts and asked for over HTTP."""

import itertools

import pytest
import pytest_asyncio

from deploy.demo.facts import figures
from deploy.demo.scenario import derived, hidden_in_public, place, places
from services.reporting import recount
from shared.contracts.base import Fact
from tests.builders_reporting import (
    OFFICER,
    hear,
    municipality_of,
    numbered,
    partner_of,
    register_the_five_places,
    tell_the_nation,
    the_five_places,
)
from tests.doors import Doors, MakeDoors

OBSERVED = [figure for figure in figures() if figure.kind == "observed"]
LATER = "2022-01-10"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def doors(service_doors: MakeDoors) -> Doors:
    """Reporting after everything happened in the five places."""
    opened = await service_doors("reporting")
    await register_the_five_places(opened)
    facts: list[tuple[Fact, object]] = list(the_five_places())
    told = numbered(facts)  # type: ignore[arg-type]
    for batch in itertools.batched(told, 2000) if hasattr(itertools, "batched") else [told]:
        await hear(opened.database, list(batch))
    await tell_the_nation(opened)
    return opened


@pytest.mark.parametrize("figure", OBSERVED, ids=lambda figure: figure.id)
async def test_an_observed_figure_is_counted(doors: Doors, figure) -> None:
    where = place(figure.place)
    if figure.school:
        asked = {"level": "school", "place": figure.school, "by": f"head.{figure.school}"}
    else:
        who = f"coordinator.{where.pupil_prefix}"
        asked = {"level": "municipality", "place": municipality_of(where), "by": who}
    more = {"support_type": figure.support_type, "as_of": figure.as_of}
    answer = await doors.get(
        "/counts",
        at=LATER,
        period=figure.period,
        measure=figure.measure,
        **asked,
        **{name: value for name, value in more.items() if value},
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["value"] == figure.value
