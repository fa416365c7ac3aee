"""The ranking and the results say what they show, and why."""

from typing import Any

import pytest

from tests.builders_ngo_grants import (
    EVALUATORS,
    FILING,
    ORGANISER,
    PLACE,
    STATE_OFFICER,
    Grants,
    sheet,
)


@pytest.mark.feature("D20")
async def test_every_column_shows_what_its_heading_names(grants: Grants) -> None:
    call_id = await grants.a_call()
    one = await grants.an_application(call_id)
    await grants.close(call_id)
    for evaluator, points in zip(EVALUATORS, ("4.5", "4", "4"), strict=True):
        await grants.mark(call_id, one, sheet({"2.3": "5"}, default=points), by=[evaluator])
    ranking = await grants.get(f"/calls/{call_id}/ranking", by=ORGANISER)
    (row,) = ranking["rows"]
    assert set(ranking["columns"]) <= set(row)
    assert row["evaluators"] == 3
    assert row["total_exact"] == "85/2"
    assert row["total_points"] == "42.50"
    assert row["criteria_points"]["2.1"] == "4.17"
    assert row["criteria_points"]["2.3"] == "5.00"
    assert row["place"] == 1


@pytest.mark.feature("G13")
@pytest.mark.feature("D19")
async def test_ties_are_explained_and_input_order_does_not_matter(grants: Grants) -> None:
    call_id = await grants.a_call()
    later = await grants.an_application(call_id, title="Otrais", filed_at="2018-10-25")
    sooner = await grants.an_application(call_id, title="Pirmais", filed_at=FILING)
    strong = await grants.an_application(call_id, title="Trešais", filed_at="2018-10-30")
    await grants.close(call_id)
    for application in (later, strong, sooner):
        points = sheet({"2.2": "5", "2.1": "3"} if application == strong else {}, default="4")
        await grants.mark(call_id, application, points)
    ranking = await grants.get(f"/calls/{call_id}/ranking", by=ORGANISER)
    rows = ranking["rows"]
    assert [row["application_id"] for row in rows] == [strong, sooner, later]
    assert [row["decided_by"] for row in rows] == [None, "2.2", "filed_at"]
    assert f"{strong} has 5.00, this one 4.00" in rows[1]["tie_en"]
    assert sooner in rows[2]["tie_lv"] and "agrāk" in rows[2]["tie_lv"]
    again = await grants.get(f"/calls/{call_id}/ranking", by=STATE_OFFICER)
    assert again["rows"] == rows


@pytest.mark.feature("G19")
@pytest.mark.feature("N16")
@pytest.mark.feature("G20")
async def test_evening_out_harsh_evaluators_is_shown_and_never_applied(grants: Grants) -> None:
    call_id = await grants.a_call(quota=1)
    a, b, c = [await grants.an_application(call_id, title=f"P{n}") for n in range(3)]
    members = [{"subject": e, "name": e} for e in EVALUATORS]
    await grants.close(call_id, members=members)
    mild, harsh, other = EVALUATORS
    for application, by, points in [
        (a, mild, "4"),
        (a, other, "4"),
        (b, harsh, "3"),
        (b, other, "4.5"),
        (c, harsh, "3"),
        (c, mild, "4"),
    ]:
        await grants.mark(call_id, application, sheet(points), by=[by])
    ranking = await grants.get(f"/calls/{call_id}/ranking", by=ORGANISER)
    assert ranking["rows"][0]["application_id"] == a
    corrected = ranking["corrected"]
    assert corrected["applied"] is False
    assert corrected["winners_would_change"] is True
    assert (corrected["would_win"], corrected["would_not_win"]) == ([b], [a])
    assert corrected["leniency_points"][harsh] == "-6.25"
    flagged = {row["application_id"]: row["disagreement"] for row in ranking["rows"]}
    assert flagged[a] == [] and "total" in flagged[b]


@pytest.mark.feature("G27")
async def test_public_results_are_machine_readable_and_name_no_person(grants: Grants) -> None:
    call_id = await grants.a_call()
    people = [{"kind": "contact", "name": "Anna Paraugs", "email": "anna@example.org"}]
    applicant = await grants.an_applicant(people=people)
    one = await grants.an_application(call_id, applicant=applicant)
    weak = await grants.an_application(call_id)
    await grants.close(call_id)
    await grants.mark(call_id, one, sheet("4.5"))
    await grants.mark(call_id, weak, sheet({"2.4.1": "2"}))
    before = await grants.get("/results", by="anybody", municipality_id=PLACE)
    assert call_id not in [r["call_id"] for r in before["results"]]
    await grants.decide(call_id)
    published = await grants.get("/results", by="anybody", municipality_id=PLACE, year=2018)
    mine = {r["application_id"]: r for r in published["results"] if r["call_id"] == call_id}
    assert mine[one]["outcome"] == "approved" and mine[one]["total_points"] == "45.00"
    assert mine[weak]["reason_codes"] == ["criterion-below-minimum:2.4.1"]
    csv = await grants.doors.get("/results", by="anybody", form="csv")
    assert csv.headers["content-type"].startswith("text/csv")
    assert one in csv.text
    for said in (csv.text, str(published)):
        assert "Paraugs" not in said and "example.org" not in said and "participants" not in said


async def test_marks_given_in_any_order_reach_their_criteria(grants: Grants) -> None:
    call_id = await grants.a_call()
    one = await grants.an_application(call_id)
    await grants.close(call_id)
    points = {"2.4.7": "3", "2.4.1": "3.5", "2.3": "4", "2.2": "4.5"}
    await grants.mark(call_id, one, points)
    rest = {code: "5" for code in sheet("5") if code not in points}
    await grants.mark(call_id, one, rest)
    ranking = await grants.get(f"/calls/{call_id}/ranking", by=ORGANISER)
    shown = ranking["rows"][0]["criteria_points"]
    assert shown == {code: f"{float(mark):.2f}" for code, mark in (points | rest).items()}


@pytest.mark.feature("G9")
async def test_criteria_weigh_what_the_parameters_say(grants: Grants) -> None:
    leaves = [{"code": "2.1", "weight": 2}, {"code": "2.2", "weight": 3}]
    changes: dict[str, Any] = {
        "criteria_set": {"version": "weighted", "leaves": leaves},
        "points": {"max": 25, "total_min": 15, "criterion_min": 3},
        "mandatory_criteria": ["2.2"],
        "tie_order": ["2.2"],
    }
    for name, value in changes.items():
        body = {"name": name, "place": PLACE, "value": value, "source": "weights, test"}
        dates = {"valid_from": "2017-01-01", "valid_to": "2018-12-31"}
        await grants.send("/parameters", body | dates, by=STATE_OFFICER, at=FILING, method="PUT")
    call_id = await grants.a_call(quota=1)
    one = await grants.an_application(call_id, title="Viens")
    two = await grants.an_application(call_id, title="Divi")
    await grants.close(call_id)
    await grants.mark(call_id, one, {"2.1": "5", "2.2": "3"})
    await grants.mark(call_id, two, {"2.1": "3", "2.2": "4.5"})
    ranking = await grants.get(f"/calls/{call_id}/ranking", by=ORGANISER)
    shown = [(row["application_id"], row["total_points"]) for row in ranking["rows"]]
    assert shown == [(two, "19.50"), (one, "19.00")]
    assert ranking["lines"]["total_points_min"] == "15.00"
