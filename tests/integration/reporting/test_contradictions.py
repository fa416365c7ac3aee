"""106 and 108 in one report: nothing is printed until a person says why."""

from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from deploy.demo.scenario import place
from tests.builders_five_places import municipality_of
from tests.builders_reporting import OFFICER
from tests.doors import Doors

LATER = "2022-01-10"
DBT = {"level": "school", "place": "dbt", "period": "2017-2"}
PUPILS = DBT | {"measure": "pupils_involved"}
MATERIALS = DBT | {"measure": "pupils_by_support_type", "cut": "support_type=learning_materials"}
ID = "pupils_involved.school.dbt.2017-2"
DASH = "pupils_by_support_type.school.dbt.2017-2.support_type.learning_materials"
READINGS = [
    {"declared": 106, "measure": "pupils_supported"},
    {"declared": 108, "measure": "pupils_involved"},
]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def disputed(five_places: Doors) -> Doors:
    """The running text says 106, the table 108, and another cell holds a dash."""
    await five_places.grant("auditor", "auditor", "state")
    for value, source in ((106, "running text"), (108, "table header")):
        answer = await declare(five_places, PUPILS | {"value": value, "source": source})
        assert answer.status_code == 201, answer.text
    await declare(five_places, MATERIALS | {"text_mark": "-", "source": "table row"})
    return five_places


async def declare(doors: Doors, body: dict[str, Any], by: str = OFFICER) -> Any:
    return await doors.send("/declared-values", body, by=by, at=LATER)


async def publish(doors: Doors, period: str, **more: str) -> Any:
    return await doors.send("/editions", {"period": period, **more}, by=OFFICER, at=LATER)


async def rows(doors: Doors, name: str, period: str) -> dict[str, Any]:
    answer = await doors.get(f"/tables/{name}", by="head.dbt", period=period)
    return {row["place"]: row["cells"] for row in answer.json()["rows"]}


@pytest.mark.feature("S23", "N13")
async def test_a_contradiction_stops_its_semester_and_every_total_with_it(disputed: Doors) -> None:
    for period in ("2017-2", "2017"):
        answer = await publish(disputed, period)
        assert (answer.status_code, answer.json()["code"]) == (409, "contradiction-open")
        assert set(answer.json()["contradictions"]) == {ID, DASH}
    assert (await publish(disputed, "2017-1")).status_code == 201
    assert (await publish(disputed, "2018-1")).status_code == 201


@pytest.mark.feature("S23")
async def test_everything_else_goes_out_when_asked_to_hold_the_block_back(disputed: Doors) -> None:
    answer = await publish(disputed, "2017-2", on_contradiction="withhold")
    assert answer.status_code == 201, answer.text
    assert set(answer.json()["withheld_for"]) == {ID, DASH}
    schools = await rows(disputed, "schools", "2017-2")
    assert {cell["mark"] for cell in schools["dbt"].values()} == {"blocked"}
    assert schools["preili-1psk"]["pupils_involved"] == {"mark": "value", "value": 11}
    towns = await rows(disputed, "municipalities", "2017-2")
    for where in (municipality_of(place("Daugavpils")), "nation"):
        assert {cell["mark"] for cell in towns[where].values()} == {"blocked"}
    assert towns[municipality_of(place("Rēzekne"))]["pupils_involved"]["value"] == 36


@pytest.mark.feature("N13")
async def test_both_values_stand_with_their_sources_beside_what_was_counted(
    disputed: Doors,
) -> None:
    for who in (OFFICER, "head.dbt"):
        answer = await disputed.get(f"/contradictions/{ID}", by=who, at=LATER)
        shown = answer.json()
        declared = [(value["value"], value["source"]) for value in shown["values"]]
        assert declared == [(106, "running text"), (108, "table header")]
        assert shown["status"] == "open"
        assert shown["counted"]["pupils_supported"] == 106
        assert shown["counted"]["pupils_involved"] == 108
    auditor = (await disputed.get(f"/contradictions/{ID}", by="auditor", at=LATER)).json()
    assert len(auditor["values"]) == 2
    assert auditor["counted"] == {}, "exact numbers are for who answers for the place"
    refused = await disputed.get(f"/contradictions/{ID}", by="head.preili-1psk", at=LATER)
    assert (refused.status_code, refused.json()["code"]) == (403, "outside-your-organisation")
    mine = await disputed.get("/contradictions", by="head.preili-1psk", at=LATER)
    assert mine.json()["contradictions"] == []


async def test_a_dash_is_kept_as_printed_and_holds_back_its_cell(disputed: Doors) -> None:
    shown = (await disputed.get(f"/contradictions/{DASH}", by=OFFICER, at=LATER)).json()
    assert (shown["status"], shown["blocks"]) == ("open", "cell")
    assert [(v["value"], v["text_mark"]) for v in shown["values"]] == [(None, "-")]
    assert shown["counted"] == {"pupils_by_support_type": 0}


async def test_only_a_state_officer_decides_and_only_with_a_reason(disputed: Doors) -> None:
    path = f"/contradictions/{ID}/decision"
    body = {"reason": "the verbs differ", "readings": READINGS}
    for who in ("head.dbt", "auditor"):
        answer = await disputed.send(path, body, by=who, at=LATER)
        assert (answer.status_code, answer.json()["code"]) == (403, "role-missing")
    answer = await disputed.send(path, body | {"reason": ""}, by=OFFICER, at=LATER)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    answer = await disputed.send("/contradictions/no.such/decision", body, by=OFFICER, at=LATER)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown-contradiction")


@pytest.mark.feature("S23", "N13")
async def test_after_the_decision_one_of_both_is_printed_and_all_is_remembered(
    disputed: Doors,
) -> None:
    reason = "one text speaks of support received, the other of being involved"
    for name, readings in (
        (ID, READINGS),
        (DASH, [{"declared": None, "read_as": 0}]),
    ):
        body = {"reason": reason, "readings": readings}
        answer = await disputed.send(f"/contradictions/{name}/decision", body, by=OFFICER, at=LATER)
        assert answer.json()["status"] == "decided", answer.text
    assert (await publish(disputed, "2017-2")).status_code == 201
    schools = await rows(disputed, "schools", "2017-2")
    assert schools["dbt"]["pupils_involved"] == {"mark": "value", "value": 108}
    assert schools["dbt"]["pupils_supported"] == {"mark": "hidden", "value": None}
    assert schools["dbt"]["pupils_by_support_type.learning_materials"]["mark"] == "zero"
    for measure, value in (("pupils_involved", 108), ("pupils_supported", 106)):
        seen = await disputed.get("/counts", by="head.dbt", measure=measure, **DBT)
        assert seen.json()["value"] == value
    shown = (await disputed.get(f"/contradictions/{ID}", by=OFFICER, at=LATER)).json()
    assert len(shown["values"]) == 2
    (decision,) = shown["decisions"]
    assert (decision["decided_by"], decision["reason"]) == (OFFICER, reason)


@pytest.mark.feature("N13")
async def test_nobody_can_alter_what_was_declared_or_decided(disputed: Doors) -> None:
    for table in ("declared_values", "decisions"):
        with pytest.raises(DBAPIError, match="only grows"):
            async with disputed.database.transaction() as session:
                await session.execute(text(f"DELETE FROM {table}"))


async def test_a_value_declared_later_opens_the_question_again(disputed: Doors) -> None:
    body: dict[str, Any] = PUPILS | {"source": "a third text", "value": 107}
    answer = await disputed.send("/declared-values", body, by="head.dbt", at="2022-01-11")
    assert answer.json()["status"] == "open"
    assert (await publish(disputed, "2017-2")).json()["code"] == "contradiction-open"


async def test_a_place_declares_for_itself_only(disputed: Doors) -> None:
    body = PUPILS | {"value": 1, "source": "a guess"}
    answer = await declare(disputed, body, by="head.preili-1psk")
    assert (answer.status_code, answer.json()["code"]) == (403, "outside-your-organisation")


async def test_values_that_agree_need_nobody_and_nothing_to_decide(disputed: Doors) -> None:
    body: dict[str, Any] = {"level": "school", "place": "preili-1psk", "period": "2017-1"}
    body |= {"measure": "pupils_involved", "value": 10, "source": "school page"}
    for _ in range(2):
        answer = await declare(disputed, body, by="head.preili-1psk")
        assert answer.json()["status"] == "agreed"
    name = answer.json()["contradiction_id"]
    decision = {"reason": "no reason at all", "readings": [{"declared": 10}]}
    answer = await disputed.send(f"/contradictions/{name}/decision", decision, by=OFFICER, at=LATER)
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing-to-decide")


async def test_overlapping_targets_hold_back_their_indicator_only(disputed: Doors) -> None:
    body = {"measure": "target_institutions", "rule": "resolve_by_date", "source": "a text"}
    for value, since in ((614, "2017-03-01"), (611, "2019-01-01")):
        await declare(disputed, body | {"value": value, "valid_from": since})
    answer = await publish(disputed, "2019-1")
    assert answer.json()["contradictions"] == ["target_institutions.state.state.always"]
    assert (await publish(disputed, "2019-1", on_contradiction="withhold")).status_code == 201
    answer = await disputed.get("/indicators", by="head.dbt", period="2019-1")
    marks = {row["indicator"]: row.get("mark") for row in answer.json()["indicators"]}
    assert marks["institutions_involved"] == "blocked"
    assert marks["share_of_municipalities"] is None


async def test_what_is_announced_is_shown_as_planned_and_counted_nowhere(disputed: Doors) -> None:
    liepaja = municipality_of(place("Liepāja"))
    body = {
        "announcement_id": "liepaja-2017-schools-planned",
        "measure": "schools_planned",
        "level": "municipality",
        "place": liepaja,
        "period": "2017-1",
        "value": 5,
        "members": ["liepaja-15vsk"],
        "source": "news item",
    }
    answer = await disputed.send("/announcements", body, by="coordinator.L", at=LATER)
    assert (answer.status_code, answer.json()["status"]) == (201, "planned")
    found = await disputed.get("/announcements", by="head.dbt", place=liepaja)
    assert [one["value"] for one in found.json()["announcements"]] == [5]
    asked = {"level": "municipality", "place": liepaja, "period": "2017-1"}
    seen = await disputed.get("/counts", by="coordinator.L", measure="schools_involved", **asked)
    assert seen.json()["value"] == 6
