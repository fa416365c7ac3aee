"""The figures of the five pages, counted from facts and asked for over HTTP."""

import asyncio
import os
import sys
from typing import Any

import pytest
import pytest_asyncio

from deploy.demo.facts import Figure, figures
from deploy.demo.scenario import hidden_in_public, place, places
from services.reporting import aggregate_rows, recount
from shared import clock
from tests.builders_five_places import (
    municipality_of,
    partner_of,
    register_the_five_places,
    the_five_places,
)
from tests.builders_reporting import OFFICER, hear, numbered
from tests.doors import Doors, MakeDoors

OBSERVED = [figure for figure in figures() if figure.kind == "observed"]
LATER = "2022-01-10"
CUT_COLUMN = "pupils_by_support_type"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def published(five_places: Doors) -> Doors:
    """Editions of every semester, then of every year."""
    semesters = sorted({semester for found in places() for semester in found.stays})
    for period in (*semesters, "2017", "2019", "2020", "all"):
        done = await five_places.send("/editions", {"period": period}, by=OFFICER, at=LATER)
        assert done.status_code == 201, done.text
    return five_places


@pytest.mark.feature("S2")
@pytest.mark.parametrize("figure", OBSERVED, ids=lambda figure: figure.id)
async def test_an_observed_figure_is_counted(five_places: Doors, figure: Figure) -> None:
    where = place(figure.place)
    asked = {"level": "municipality", "place": municipality_of(where)}
    asked["by"] = f"coordinator.{where.pupil_prefix}"
    if figure.school:
        asked = {"level": "school", "place": figure.school, "by": f"head.{figure.school}"}
    more = {"support_type": figure.support_type, "as_of": figure.as_of}
    answer = await five_places.get(
        "/counts",
        at=LATER,
        period=figure.period,
        measure=figure.measure,
        **asked,
        **{name: value for name, value in more.items() if value},
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["value"] == figure.value


async def _counted(doors: Doors, **asked: str) -> Any:
    answer = await doors.get("/counts", at=LATER, **asked)
    assert answer.status_code == 200, answer.text
    return answer.json()["value"]


@pytest.mark.feature("S2")
async def test_plans_are_not_pupils_and_years_are_not_sums_of_semesters(five_places: Doors) -> None:
    preili = {"level": "school", "place": "preili-1psk", "by": "head.preili-1psk"}
    years = [
        await _counted(five_places, measure="pupils_involved", period=str(year), **preili)
        for year in range(2017, 2021)
    ]
    assert years == [12, 20, 24, 22]
    assert await _counted(five_places, measure="pupils_involved", period="all", **preili) == 43
    assert await _counted(five_places, measure="plans", period="all", **preili) == 129


async def test_persons_of_two_schools_are_one_in_the_city(five_places: Doors) -> None:
    schools = place("Liepāja").stays["2017-1"].schools
    counts = [
        await _counted(
            five_places,
            level="school",
            place=at.school,
            by=f"head.{at.school}",
            measure="pedagogues_involved",
            period="2017-1",
        )
        for at in schools
    ]
    assert sum(map(int, counts)) == 95
    city = {"level": "municipality", "place": municipality_of(place("Liepāja"))}
    asked = {"measure": "pedagogues_involved", "period": "2017-1", "by": "coordinator.L"}
    assert await _counted(five_places, **city, **asked) == 94


async def test_what_was_only_planned_on_a_day_was_not_delivered_then(five_places: Doors) -> None:
    rezekne = {"level": "municipality", "place": municipality_of(place("Rēzekne"))}
    asked = {"measure": "pupils_supported", "period": "2018-1", "by": "coordinator.R"}
    assert await _counted(five_places, **rezekne, **asked, as_of="2018-09-20") == 0
    assert await _counted(five_places, **rezekne, **asked) == 97


async def test_a_suspended_plan_still_counts_but_is_not_in_force(five_places: Doors) -> None:
    dbt = {"level": "school", "place": "dbt", "by": "head.dbt", "period": "2017-2"}
    assert await _counted(five_places, **dbt, measure="pupils_involved") == 108
    in_force = {"measure": "pupils_in_force", **dbt}
    assert await _counted(five_places, **in_force, as_of="2018-02-01") == 108
    assert await _counted(five_places, **in_force, as_of="2018-02-05") == 106
    assert await _counted(five_places, **in_force, as_of="2018-06-01") == 0


@pytest.mark.feature("S20")
async def test_the_indicators_stand_against_the_targets_of_their_time(
    published: Doors, five_places: Doors
) -> None:
    answer = await published.get("/indicators", by="head.dbt", period="2017")
    found = {row["indicator"]: row for row in answer.json()["indicators"]}
    assert found["institutions_involved"]["value"] == 10
    assert found["institutions_involved"]["target"] == 614
    share = found["share_of_municipalities"]
    assert (share["value"], share["of"]) == (3, 119)
    assert found["spending"]["target_cents"] == 39_812_376_00
    assert found["spending"]["target_esf_cents"] == 33_840_519_00
    assert found["spending"]["esf_cents"] * 100 == found["spending"]["value_cents"] * 85
    asked = {"level": "nation", "period": "2017", "by": OFFICER}
    assert await _counted(five_places, measure="pupils_involved", **asked) == 288
    assert await _counted(five_places, measure="plans", **asked) == 394


@pytest.mark.feature("S3", "S4", "D14")
async def test_the_public_sees_no_small_group_and_every_large_one(published: Doors) -> None:
    wanted = {f.id: f for f in OBSERVED if f.school == "dbt"}
    seen = {}
    for name, figure in wanted.items():
        answer = await published.get("/tables/schools", by="head.dbt", period=figure.period)
        (row,) = [row for row in answer.json()["rows"] if row["place"] == "dbt"]
        column = figure.measure + (f".{figure.support_type}" if figure.support_type else "")
        seen[name] = row["cells"][column]
    hidden = {name for name, cell in seen.items() if cell["mark"] == "hidden"}
    assert hidden == {*hidden_in_public(), "dbt-2017-2-pupils-supported"}
    assert all(seen[name]["value"] == wanted[name].value for name in set(wanted) - hidden)
    assert seen["dbt-2017-2-learning-materials"]["mark"] == "zero"


@pytest.mark.feature("S5", "D15")
async def test_a_printed_total_is_the_unsuppressed_total(published: Doors) -> None:
    answer = await published.get("/tables/support-types", by="head.dbt", period="2017-1")
    nation, *rows = answer.json()["rows"]
    transport = nation["cells"][f"{CUT_COLUMN}.public_transport"]
    assert transport == {"mark": "value", "value": 46}
    shown = [row["cells"][f"{CUT_COLUMN}.public_transport"]["value"] for row in rows]
    assert sum(value or 0 for value in shown) == 40, "what is hidden is in the total all the same"


@pytest.mark.feature("E8", "S17")
async def test_facts_told_again_and_in_other_batches_give_the_same_counts(
    five_places: Doors, service_doors: MakeDoors
) -> None:
    other = await service_doors("reporting")
    await register_the_five_places(other)
    facts = the_five_places()
    payments = [found for found in facts if "payments" in found[0].type]
    plans = [found for found in facts if "payments" not in found[0].type]
    # Money first, then the plans it was paid under, then much of it once more.
    told = numbered([*payments, *plans, *facts[::7]])
    for start in range(0, len(told), 700):
        await hear(other.database, told[start : start + 700])
    fingerprints = []
    for doors in (five_places, other):
        async with doors.database.transaction() as session:
            cells = await aggregate_rows.all_cells(session)
            assert cells == await recount.counts_from_evidence(session)
            fingerprints.append(await recount.show_fingerprint(session, clock.now()))
    assert fingerprints[0] == fingerprints[1]


async def test_no_reference_of_a_person_is_in_what_the_nation_hears(five_places: Doors) -> None:
    async with five_places.database.transaction() as session:
        cells = await aggregate_rows.all_cells(session)
    text = "\n".join(cell.key for cell in cells)
    assert "p1:" not in text and "s1:" not in text
    assert partner_of(places()[0]) in text


@pytest.mark.feature("E8", "S17")
async def test_an_operator_counts_again_by_command(five_places: Doors) -> None:
    said = [await _command(five_places, name) for name in ("recount", "fingerprint")]
    assert " 0 differ, " in said[0]
    assert said[1].split()[0] in said[0]


async def _command(doors: Doors, name: str) -> str:
    running = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.reporting",
        name,
        env={**os.environ, "DATABASE_URL": doors.settings.database_url},
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await running.communicate()
    assert running.returncode == 0
    return out.decode()
