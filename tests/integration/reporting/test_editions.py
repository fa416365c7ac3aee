"""Editions: frozen, fingerprinted, rebuilt to the same bytes, compared, never to be subtracted."""

import csv
import hashlib
import io
import json
from typing import Any

import jsonschema
import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.reporting.app import service
from services.reporting.settings import ReportingLevel
from tests.builders_reporting import (
    HEAD,
    NATIONAL,
    OFFICER,
    OTHER_SCHOOL,
    OTHER_TOWN,
    SCHOOL,
    SECOND_SCHOOL,
    TOWN,
    a_school,
    aggregates_told,
    hear,
    register,
    register_towns,
)
from tests.doors import Doors, MakeDoors
from tests.integration.reporting.towns import AT, a_town, cells, involve, publish


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def doors(service_doors: MakeDoors) -> Doors:
    """Three schools with 20, 3 and 30 pupils, and a school and a town that told nothing."""
    opened = await service_doors("reporting")
    await register_towns(opened)
    silent = a_town("90000000303", "Klusā pilsēta")
    await register(opened, [silent], [a_school("silent-school", "90000000303")])
    await involve(opened, one=20, two=3, three=30)
    return opened


@pytest.mark.feature("S17", "N11")
async def test_an_edition_is_frozen_with_positions_and_fingerprints(doors: Doors) -> None:
    edition = await publish(doors)
    assert edition["edition_id"] == "2017-1.1"
    assert {topic for topic, _, _ in edition["positions"]} == {
        "plans.plans.v1",
        "reporting.aggregates.v1",
    }
    for table in edition["tables"]:
        path = f"/editions/2017-1.1/tables/{table['name']}.{table['format']}"
        answer = await doors.get(path, by="parent")
        assert hashlib.sha256(answer.content).hexdigest() == table["sha256"]
        assert answer.headers["ETag"] == f'"{table["sha256"]}"'
    async with doors.database.transaction() as session:
        asked = "SELECT payload FROM outbox WHERE topic = 'reporting.editions.v1'"
        fact = json.loads((await session.execute(text(asked))).scalars().all()[-1])
    told = dict(fact["tables"])
    assert told == {f"{t['name']}.{t['format']}": t["sha256"] for t in edition["tables"]}


@pytest.mark.feature("S9")
async def test_zero_hidden_and_not_reported_are_three_marks(doors: Doors) -> None:
    schools = await cells(doors, "schools")
    assert schools[OTHER_SCHOOL]["pupils_involved"] == {"mark": "value", "value": 30}
    assert schools[SCHOOL]["pupils_supported"] == {"mark": "zero", "value": 0}
    assert schools[SECOND_SCHOOL]["pupils_involved"] == {"mark": "hidden", "value": None}
    assert schools["silent-school"]["pupils_involved"] == {"mark": "not_reported", "value": None}
    answer = await doors.get("/editions/2017-1.1/tables/schools.csv", by=HEAD)
    rows = {row["place"]: row for row in csv.DictReader(io.StringIO(answer.text))}
    marks = [rows[s]["pupils_involved"] for s in (OTHER_SCHOOL, SECOND_SCHOOL, "silent-school")]
    assert marks == ["30", "(c)", "(n)"]
    assert rows[SCHOOL]["pupils_supported"] == "0"


@pytest.mark.feature("S4", "S6", "S10")
async def test_the_small_school_cannot_be_worked_out_from_its_town(doors: Doors) -> None:
    schools, towns = await cells(doors, "schools"), await cells(doors, "municipalities")
    known = [
        towns[TOWN]["pupils_involved"]["value"],
        schools[SCHOOL]["pupils_involved"]["value"],
    ]
    assert None in known, "the town less the other school would be the small one"
    plans = [towns[TOWN]["plans"]["value"], schools[SCHOOL]["plans"]["value"]]
    assert None in plans, "its plans are its pupils"


@pytest.mark.feature("D14", "S13")
async def test_no_filter_and_no_door_switches_the_marks_off(doors: Doors) -> None:
    for more in ({}, {"hierarchy": "43"}, {"suppression": "off"}, {"place": SECOND_SCHOOL}):
        found = await cells(doors, "schools", **more)
        assert found[SECOND_SCHOOL]["pupils_involved"]["value"] is None
    preview = await doors.get("/previews/schools", by=OFFICER, at=AT, period="2017-1")
    rows = {row["place"]: row["cells"] for row in preview.json()["rows"]}
    assert rows[SECOND_SCHOOL]["pupils_involved"]["value"] is None


@pytest.mark.feature("S16")
async def test_who_told_nothing_is_listed(doors: Doors) -> None:
    answer = await doors.get("/not-reported", by=OFFICER, period="2017-1", at=AT)
    assert [m["name_lv"] for m in answer.json()["municipalities"]] == ["Klusā pilsēta"]
    assert [s["school_id"] for s in answer.json()["schools"]] == ["silent-school"]
    refused = await doors.get("/not-reported", by=HEAD, period="2017-1")
    assert refused.status_code == 403


@pytest.mark.feature("S19", "S26")
async def test_a_table_is_machine_readable_with_schema_and_labels(doors: Doors) -> None:
    answer = await doors.get("/tables/municipalities", by=HEAD, period="2017-1")
    schemas = doors.app.openapi()["components"]["schemas"]
    schema = {"$ref": "#/components/schemas/PublicTable", "components": {"schemas": schemas}}
    jsonschema.validate(answer.json(), schema)
    labels = {c["code"]: (c["label_lv"], c["label_en"]) for c in answer.json()["columns"]}
    assert labels["pupils_involved"] == ("iesaistītie izglītojamie", "pupils involved")
    assert answer.json()["notes"]["pedagogues_involved"]["parameter"] == "pedagogue_kinds"
    lists = await doors.get("/code-lists/mark", by=HEAD)
    assert {e["code"] for e in lists.json()["entries"]} >= {"zero", "hidden", "not_reported"}


@pytest.mark.feature("S7", "D16", "N8", "S18", "N9")
async def test_two_editions_cannot_be_subtracted_and_differ_line_by_line(doors: Doors) -> None:
    await involve(doors, three=2)
    second = await publish(doors)
    after = await cells(doors, "municipalities")
    assert after[OTHER_TOWN]["pupils_involved"]["mark"] == "hidden", "two more than 30 before"
    await involve(doors, three=8)
    third = await publish(doors)
    assert (await cells(doors, "municipalities"))[OTHER_TOWN]["pupils_involved"]["value"] == 40
    ids = ["2017-1.1", second["edition_id"], third["edition_id"]]
    answer = await doors.get(f"/editions/{ids[0]}/difference/{ids[2]}", by="parent")
    lines = {
        (line["table"], line["place"], line["column"]): line for line in answer.json()["lines"]
    }
    line = lines["schools", OTHER_SCHOOL, "pupils_involved"]
    assert (line["before"]["value"], line["after"]["value"]) == (30, 40)
    assert line["why"] == "later_facts"
    hidden = await doors.get(f"/editions/{ids[0]}/difference/{ids[1]}", by="parent")
    marked = [line for line in hidden.json()["lines"] if line["why"] == "marking"]
    assert {line["after"]["value"] for line in marked} == {None}
    assert answer.json()["positions_before"] != answer.json()["positions_after"]


@pytest.mark.feature("S24")
async def test_how_often_a_number_was_printed_is_known(doors: Doors) -> None:
    answer = await doors.get("/released-cells", by=OFFICER, period="2017-1", at=AT)
    printed = {(c["place"], c["column"]): c["printed"] for c in answer.json()["cells"]}
    assert printed[OTHER_SCHOOL, "pupils_involved"] == 2
    assert (SECOND_SCHOOL, "pupils_involved") not in printed


@pytest.mark.feature("S17", "N11")
async def test_an_edition_built_again_has_the_same_bytes(doors: Doors) -> None:
    for edition in ("2017-1.1", "2017-1.2", "2017-1.3"):
        answer = await doors.get(f"/editions/{edition}/verification", by=OFFICER, at=AT)
        assert answer.json()["same"] is True
        assert len(answer.json()["tables"]) > 20
    with pytest.raises(DBAPIError, match="only grows"):
        async with doors.database.transaction() as session:
            await session.execute(text("UPDATE editions SET printed = '[]'"))


@pytest.mark.feature("N11", "S17")
async def test_a_national_level_of_its_own_builds_the_same_bytes(
    doors: Doors, service_doors: MakeDoors
) -> None:
    other = await service_doors("reporting", level="national")
    await register_towns(other)
    told = await aggregates_told(doors.database)
    for start in range(0, len(told), 37):
        await tell_in_part(other, told[start : start + 37])
    mine = {(t["name"], t["format"]): t["sha256"] for t in (await publish(other))["tables"]}
    fresh = await service_doors("reporting", level="national")
    await register_towns(fresh)
    await tell_in_part(fresh, [*told, *told[::-1]])
    again = {(t["name"], t["format"]): t["sha256"] for t in (await publish(fresh))["tables"]}
    assert mine == again


async def tell_in_part(doors: Doors, told: list[Any]) -> None:
    await hear(doors.database, told, consumer=NATIONAL)


@pytest.mark.feature("S22")
async def test_who_took_a_table_out_is_written_down(doors: Doors) -> None:
    await doors.get("/editions/2017-1.1/tables/schools.csv", by="parent", at=AT)
    answer = await doors.get("/editions/2017-1.1/exports", by=OFFICER, at=AT)
    assert answer.json()["exports"][-1]["person"] == "parent"
    assert answer.json()["exports"][-1]["name"] == "schools"
    refused = await doors.get("/editions/2017-1.1/exports", by="parent")
    assert refused.json()["code"] == "role-missing"


async def test_what_is_not_there_is_refused_by_its_code(doors: Doors) -> None:
    for path, period, code in (
        ("/editions/2030-1.1", None, "unknown-edition"),
        ("/editions/2017-1.1/tables/no-such.csv", None, "unknown-table"),
        ("/tables/no-such", "2017-1", "unknown-table"),
        ("/tables/schools", "2030-1", "not-published"),
        ("/editions/2017-1.1/difference/2030-1.1", None, "unknown-edition"),
    ):
        answer = await doors.get(path, by=HEAD, **({"period": period} if period else {}))
        assert (answer.status_code, answer.json()["code"]) == (404, code), path
    refused = await doors.send("/editions", {"period": "2017-10m"}, by=OFFICER)
    assert refused.json()["code"] == "invalid"
    refused = await doors.send("/editions", {"period": "2017-1"}, by="auditor")
    assert refused.json()["code"] == "role-missing"


def test_the_national_level_hears_aggregates_and_registers_only() -> None:
    heard = {t.name for c in service(ReportingLevel.NATIONAL).all_consumers for t in c.topics}
    assert heard == {"identification.registers.v1", "reporting.aggregates.v1"}
    municipal = {t.name for c in service(ReportingLevel.MUNICIPAL).all_consumers for t in c.topics}
    assert "reporting.aggregates.v1" not in municipal


@pytest.mark.feature("S11")
async def test_a_national_process_answers_no_question_of_a_school(
    service_doors: MakeDoors,
) -> None:
    national = await service_doors("reporting", level="national")
    await register_towns(national)
    asked = {"level": "school", "place": SCHOOL, "measure": "plans", "period": "2017-1"}
    answer = await national.get("/counts", by=HEAD, **asked)
    assert (answer.status_code, answer.json()["code"]) == (404, "not-of-this-level")
    municipal = await service_doors("reporting", level="municipal")
    await register_towns(municipal)
    answer = await municipal.send("/editions", {"period": "2017-1"}, by=OFFICER)
    assert (answer.status_code, answer.json()["code"]) == (404, "not-of-this-level")
