"""Counts and tables where places change: a reform of municipalities, a pupil of another cell."""

from datetime import date

import pytest

from services.reporting import aggregate_rows, jobs, recount
from shared import clock
from shared.contracts.identification import Programme, PupilMoved, Sex
from tests.builders_reporting import (
    HEAD,
    OTHER_SCHOOL,
    OTHER_TOWN,
    SCHOOL,
    SCHOOLS,
    TOWN,
    Plan,
    hear,
    numbered,
    pupil,
    register,
    register_towns,
    tell_the_nation,
)
from tests.doors import Doors, MakeDoors
from tests.integration.reporting.towns import (
    AUTUMN,
    LATER,
    SPRING,
    a_town,
    cells,
    counts,
    involve,
    publish,
    school,
    tell,
)


@pytest.mark.feature("S1", "N10")
async def test_a_merger_told_later_counts_everybody_again_on_the_new_map(two_towns: Doors) -> None:
    both = [Plan("j1", who="both", semester="2034-2")]
    both.append(Plan("j2", who="both", semester="2034-2", school=OTHER_SCHOOL))
    await tell(two_towns, both[0].approved(AUTUMN), both[1].approved(LATER))
    merged = a_town(OTHER_TOWN, "Cita pilsēta", successor=TOWN)
    await register(two_towns, [merged], [])
    async with two_towns.database.transaction() as session:
        await jobs.keep_maps(session, clock.now())
    found = {c: v for c, v in (await counts(two_towns)).items() if c.period == "2034-2"}
    on_43 = {c: v for c, v in found.items() if c.cut == "grid=43"}
    involved = [(c.partner, v) for c, v in on_43.items() if c.measure == "pupils_involved"]
    assert involved == [(TOWN, 1)], "one pupil of the merged town, counted where it was first"
    assert sum(v for c, v in on_43.items() if c.measure == "schools_involved") == 2
    async with two_towns.database.transaction() as session:
        assert await recount.counts_from_evidence(session) == await aggregate_rows.all_cells(
            session
        )


async def test_a_pupil_of_another_cell_is_not_counted_twice_in_the_nation(
    service_doors: MakeDoors,
) -> None:
    doors = await service_doors("reporting", serves=TOWN)
    await register_towns(doors)
    moved = PupilMoved(
        pupil_ref=pupil("k1"),
        partner=TOWN,
        school_id=SCHOOL,
        municipality_id=TOWN,
        version=5,
        from_school_id=OTHER_SCHOOL,
        from_municipality_id=OTHER_TOWN,
        from_partner=OTHER_TOWN,
        programme=Programme.GENERAL,
        grade=7,
        sex=Sex.MALE,
        signs_alone_from=None,
        valid_from=date(2017, 10, 2),
    )
    autumn, spring = Plan("k1"), Plan("k2", who="k1", semester="2017-2")
    await tell(doors, moved, autumn.approved(LATER), spring.approved(SPRING))
    nation = {
        c.period
        for c in await counts(doors)
        if (c.level, c.measure, c.cut) == ("nation", "pupils_involved", "")
    }
    assert nation == {"2017-2"}, "the autumn, the year and all were counted where the pupil was"
    assert await school(doors, "pupils_involved", "2017-1") == 1


@pytest.mark.feature("S1", "N10")
async def test_any_year_is_shown_on_the_map_before_and_after_a_reform(
    service_doors: MakeDoors,
) -> None:
    merging = await service_doors("reporting")
    await register_towns(merging)
    await register(merging, [a_town(OTHER_TOWN, "Cita pilsēta", successor=TOWN)], [])
    await involve(merging, one=20, three=30)
    on = date(2022, 9, 5)
    of_the_merged_town = {"municipality": TOWN, "partner": TOWN, "semester": "2022-1"}
    plans = [
        Plan(f"later-{school}-{n}", school=school, **of_the_merged_town)
        for school in SCHOOLS
        for n in range(6)
    ]
    await hear(merging.database, numbered((plan.approved(on), on) for plan in plans))
    await tell_the_nation(merging)
    await publish(merging)
    await publish(merging, "2022-1")
    old = await cells(merging, "municipalities", hierarchy="119")
    assert old[TOWN]["pupils_involved"]["value"] == 20
    assert old[OTHER_TOWN]["pupils_involved"]["value"] == 30
    new = await cells(merging, "municipalities", hierarchy="43")
    assert new[TOWN]["pupils_involved"]["value"] == 50
    assert OTHER_TOWN not in new
    answer = await merging.get("/tables/municipalities", by=HEAD, period="2022-1", hierarchy="119")
    rows = {row["place"]: row for row in answer.json()["rows"]}
    assert rows[TOWN]["undivided"] is True
    assert rows[TOWN]["cells"]["pupils_involved"]["value"] == 18
    assert rows[OTHER_TOWN]["cells"]["pupils_involved"]["value"] is None
