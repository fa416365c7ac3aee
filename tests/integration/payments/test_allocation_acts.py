"""Acts on allocations: entered by one officer of the state, approved by another, kept for ever."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.builders_payments import Payments
from tests.integration.payments.outbox import said
from tests.money_facts import (
    LATER,
    OFFICE,
    OFFICER,
    OTHER_OFFICE,
    STATE_OFFICER,
    STRANGER,
    TEACHER,
)

MEALS = {"m": ("meals", {"2021-10": 20_000})}


@pytest.mark.feature("M12")
async def test_who_enters_an_act_does_not_approve_it(alone: Payments) -> None:
    act_id = await alone.act("set", 50_000)
    (own,) = await alone.decide(act_id, by=STATE_OFFICER)
    assert (own["status"], own["code"]) == ("refused", "four-eyes")
    assert (await alone.allocations())["semesters"][0]["allocated_cents"] is None
    rule = text("""INSERT INTO allocation_decisions
        SELECT act_id, 'approved', entered_by, entered_by, '', entered_at FROM allocation_acts""")
    with pytest.raises(DBAPIError, match="four_eyes"):
        async with alone.doors.database.transaction() as session:
            await session.execute(rule)
    (other,) = await alone.decide(act_id)
    assert other["status"] == "accepted"
    (again,) = await alone.decide(act_id)
    assert again["code"] == "act-decided"
    assert (await alone.semester())["allocated_cents"] == 50_000


async def test_acts_are_kept_for_ever_with_what_became_of_them(alone: Payments) -> None:
    await alone.allocate("set", 50_000)
    rejected = await alone.act("increase", 1)
    await alone.decide(rejected, decision="rejected")
    await alone.act("decrease", 2)
    listed = await alone.doors.get("/allocations/acts", by=OFFICER, partner=OFFICE)
    assert {a["kind"]: a["decision"] for a in listed.json()["acts"]} == {
        "set": "approved",
        "increase": "rejected",
        "decrease": "waiting",
    }
    waiting = await alone.doors.get("/allocations/acts", by=STATE_OFFICER, decision="waiting")
    assert [a["cents"] for a in waiting.json()["acts"]] == [2]
    assert (await alone.semester())["allocated_cents"] == 50_000
    for change in ("UPDATE allocation_acts SET cents = 1", "DELETE FROM allocation_decisions"):
        with pytest.raises(DBAPIError, match="only ever added"):
            async with alone.doors.database.transaction() as session:
                await session.execute(text(change))


async def test_money_moves_between_semesters_and_partners_and_is_told_on_both_sides(
    alone: Payments,
) -> None:
    await alone.allocate("set", 50_000)
    await alone.allocate("set", 0, partner=OTHER_OFFICE)
    await alone.a_plan(MEALS)
    away = await alone.allocate("transfer", 30_001, to_partner=OTHER_OFFICE)
    assert (away["code"], away["details"]["missing_cents"]) == ("allocation-spoken-for", 1)
    await alone.allocate("transfer", 30_000, to_partner=OTHER_OFFICE)
    here, there = await alone.semester(), await alone.semester(OTHER_OFFICE)
    assert (here["allocated_cents"], there["allocated_cents"]) == (20_000, 30_000)
    _, (kind, out) = await said(alone, f"{OFFICE}/2021-1")
    _, (_, into) = await said(alone, f"{OTHER_OFFICE}/2021-1")
    assert (kind, out["kind"], out["version"]) == ("allocation-changed", "transfer", 2)
    assert (out["change_cents"], out["allocated_cents"]) == (-30_000, 20_000)
    assert (into["change_cents"], into["other_partner"]) == (30_000, OFFICE)
    assert out["entered_by"] != out["approved_by"]


async def test_the_allocations_of_a_school_year_stay_under_its_maximum(alone: Payments) -> None:
    await alone.allocate("yearly_maximum", 90_000, school_year="2021", learners=1_200)
    await alone.allocate("set", 60_000)
    too_much = await alone.allocate("set", 30_001, semester="2021-2")
    assert (too_much["code"], too_much["details"]["missing_cents"]) == ("above-yearly-maximum", 1)
    await alone.allocate("set", 30_000, semester="2021-2")
    more = await alone.allocate("increase", 1)
    lower = await alone.allocate("yearly_maximum", 89_999, school_year="2021")
    assert [more["code"], lower["code"]] == ["above-yearly-maximum"] * 2
    inside = await alone.allocate("transfer", 10_000, to_semester="2021-2")
    assert inside["status"] == "accepted"
    year = await alone.allocations()
    assert (year["maximum_cents"], year["learners"], year["allocated_cents"]) == (
        90_000,
        1_200,
        90_000,
    )
    (told,) = await said(alone, f"{OFFICE}/2021")
    assert told[0] == "yearly-maximum-set"


async def test_an_allocation_is_set_once_and_never_below_what_is_spoken_for(
    alone: Payments,
) -> None:
    await alone.a_plan(MEALS)
    low = await alone.allocate("set", 19_999)
    assert (low["code"], low["details"]["missing_cents"]) == ("allocation-spoken-for", 1)
    early = await alone.allocate("increase", 1)
    await alone.allocate("set", 20_000)
    again = await alone.allocate("set", 30_000)
    down = await alone.allocate("decrease", 1)
    assert [early["code"], again["code"], down["code"]] == [
        "allocation-not-set",
        "allocation-already-set",
        "allocation-spoken-for",
    ]
    assert (await alone.semester())["allocated_cents"] == 20_000


@pytest.mark.feature("M31")
async def test_only_the_state_allocates_and_only_the_partner_and_the_state_look(
    alone: Payments,
) -> None:
    line = {"kind": "set", "partner": OFFICE, "semester": "2021-1", "cents": 1, "reason": "none"}
    denied = await alone.doors.send("/allocations/acts", {"lines": [line]}, by=OFFICER)
    assert denied.status_code == 403
    doors = alone.doors
    stranger = await doors.get(f"/allocations/{OFFICE}", by=STRANGER, school_year="2021")
    assert (stranger.status_code, stranger.json()["code"]) == (403, "outside-your-organisation")
    teacher = await doors.get(f"/allocations/{OFFICE}", by=TEACHER, school_year="2021")
    assert (teacher.status_code, teacher.json()["code"]) == (403, "role-missing")
    everybody = await doors.get("/allocations/acts", by=OFFICER)
    assert everybody.status_code == 403
    assert (await alone.allocations(by=OFFICER))["semesters"] == []


async def test_an_act_without_what_its_kind_needs_is_refused(alone: Payments) -> None:
    whole = {"kind": "set", "partner": OFFICE, "semester": "2021-1", "cents": 1, "reason": "none"}
    bad = [
        whole | {"cents": 1.5},
        whole | {"kind": "increase", "cents": 0},
        whole | {"kind": "yearly_maximum"},
        whole | {"kind": "transfer"},
        whole | {"kind": "transfer", "to_partner": OFFICE},
        whole | {"to_semester": "2021-2"},
    ]
    answers = await alone.doors.lines("/allocations/acts", bad, by=STATE_OFFICER)
    assert [a["code"] for a in answers] == ["invalid"] * len(bad)
    assert (await alone.doors.get("/allocations/acts", by=STATE_OFFICER)).json()["acts"] == []


@pytest.mark.feature("M26")
async def test_a_number_under_which_nobody_pays_is_given_no_money(alone: Payments) -> None:
    nobody, act = (
        "49999999999",
        {"kind": "set", "cents": 100, "semester": "2021-1", "reason": "d 1"},
    )
    lines = [
        act | {"partner": nobody},
        act | {"partner": OFFICE, "kind": "transfer", "to_partner": nobody},
        act | {"partner": OFFICE},
    ]
    answers = await alone.doors.lines("/allocations/acts", lines, by=STATE_OFFICER, at=LATER)
    assert [(a["code"], a["field"]) for a in answers] == [
        ("partner-unknown", "partner"),
        ("partner-unknown", "to_partner"),
        (None, None),
    ]
    listed = await alone.doors.get("/allocations/acts", by=STATE_OFFICER)
    assert [one["partner"] for one in listed.json()["acts"]] == [OFFICE]
