"""A pupil moves between partners of different cells: one ceiling, whoever hears what and when."""

import json
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text

from services.payments.consumers import CONSUMERS
from shared.contracts.pupil_months import MONTHS
from tests.builders_payments import Payments
from tests.doors import MakeDoors
from tests.integration.payments.commands import command
from tests.integration.payments.country import hear, months_agreed, taken
from tests.integration.payments.outbox import said
from tests.money_facts import (
    LATER,
    OFFICE,
    OFFICER,
    OTHER_OFFICE,
    OTHER_SCHOOL,
    SCHOOL,
    STATE_OFFICER,
    a_claim,
    a_closing,
    an_approval,
    pupil,
)

CAP = 30_000
OCTOBER = "2021-10"
PLACES = (
    ("sigulda", OFFICE, SCHOOL),
    ("preili", OTHER_OFFICE, OTHER_SCHOOL),
    ("rezekne", "90000048199", "rezekne-1psk"),
)

Cells = tuple[Payments, Payments, Payments]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def cells(service_doors: MakeDoors) -> Cells:
    """Three cells, each with an office, a school and a database of its own."""
    here, there, third = [
        await Payments(
            await service_doors("payments", cell=name, serves=office), office=office, school=school
        ).open()
        for name, office, school in PLACES
    ]
    return here, there, third


def meals(cents: int) -> dict[str, Any]:
    """Meals of so many cents in October."""
    return {"m": ("meals", {OCTOBER: cents})}


async def claimed(cell: Payments, plan_id: str, cents: int) -> dict[str, Any]:
    """The answer to a claim for meals in October."""
    (answer,) = await cell.claim([a_claim(plan_id, "m", cents)])
    return answer


async def shares(cells: Cells, pupil_ref: str) -> list[tuple[int, int]]:
    """What each cell holds of the pupil's October, and what of it is free."""
    asked = text(
        "SELECT cap_cents - elsewhere_cents,"
        " cap_cents - elsewhere_cents - reserved_cents - ordered_cents"
        " FROM pupil_months WHERE pupil_ref = :pupil AND month = :month"
    )
    found = []
    for cell in cells:
        async with cell.doors.database.transaction() as session:
            row = (await session.execute(asked, {"pupil": pupil_ref, "month": OCTOBER})).first()
        found.append((0, 0) if row is None else (row[0], row[1]))
    return found


async def moved(cells: Cells, *, reserved: int, ordered: int) -> tuple[str, str, str]:
    """A pupil with a plan and an order in the first cell and a plan in the second: both plans."""
    here, there, _ = cells
    pupil_ref = pupil()
    old = await here.a_plan(meals(reserved), pupil_ref=pupil_ref)
    await months_agreed(*cells)
    if ordered:
        await here.an_order(old, "m", ordered)
    new = await there.a_plan(meals(25_000), pupil_ref=pupil_ref)
    return pupil_ref, old, new


@pytest.mark.feature("M2")
@pytest.mark.feature("M4")
@pytest.mark.feature("N1")
async def test_where_the_pupil_moves_to_gets_the_rest_of_the_month_once_it_is_told(
    cells: Cells,
) -> None:
    there = cells[1]
    pupil_ref, old, new = await moved(cells, reserved=12_000, ordered=5_000)
    early = await claimed(there, new, 1_000)
    assert (early["status"], early["code"], early["field"]) == ("refused", "room-awaited", "cents")
    assert early["message"].endswith("send the claim again in a while")
    assert early["details"]["message_lv"].startswith("Vēl nav ziņots, cik no mēneša griestiem")
    assert (await there.month(pupil_ref))["awaited"]
    assert await shares(cells, pupil_ref) == [(CAP, 18_000), (0, 0), (0, 0)]
    await months_agreed(*cells)
    assert await shares(cells, pupil_ref) == [(12_000, 0), (18_000, 0), (0, 0)]
    paid = await claimed(there, new, 20_000)
    assert (paid["status"], paid["code"]) == ("accepted", "ceiling-cut")
    assert (paid["details"]["cents"], paid["details"]["cut_cents"]) == (18_000, 2_000)
    none = await claimed(there, new, 100)
    assert (none["status"], none["code"]) == ("refused", "ceiling-used-up")
    explained = none["details"]["explanation"]
    assert (explained["elsewhere_cents"], explained["awaited"]) == (12_000, False)
    assert explained["sentence_en"] == (
        "of 300.00 EUR in October 180.00 used by meals, 120.00 at other payment offices, 0.00 left"
    )
    assert explained["sentence_lv"] == (
        "no 300,00 EUR oktobrī 180,00 izlietoti ēdināšanai, "
        "120,00 pie citiem maksātājiem, 0,00 atlikuši"
    )
    for secret in (OFFICE, SCHOOL, old, "50.00", "70.00"):
        assert secret not in json.dumps(explained), "neither where nor for what"


async def test_what_a_plan_waits_for_is_told_as_refused_and_then_as_added(cells: Cells) -> None:
    there = cells[1]
    pupil_ref, _, _ = await moved(cells, reserved=12_000, ordered=5_000)
    await months_agreed(*cells)
    told = [(kind, fact) for kind, fact in await said(there, pupil_ref) if "entitle" in kind]
    assert [kind for kind, _ in told] == [
        "entitlement-refused",
        "entitlement-granted",
        "entitlement-added",
        "entitlement-refused",
    ]
    assert [told[0][1]["reason_code"], told[3][1]["reason_code"]] == [
        "room-awaited",
        "ceiling-full",
    ]
    assert (told[2][1]["added_cents"], told[3][1]["missing_cents"]) == (18_000, 7_000)


@pytest.mark.feature("M2")
@pytest.mark.feature("M4")
async def test_where_the_pupil_moved_away_late_claims_use_what_was_kept(cells: Cells) -> None:
    here, _, _ = cells
    pupil_ref, old, _ = await moved(cells, reserved=12_000, ordered=5_000)
    await months_agreed(*cells)
    late = await claimed(here, old, 10_000)
    assert (late["status"], late["code"], late["details"]["cents"]) == (
        "accepted",
        "room-cut",
        7_000,
    )
    assert late["message"].startswith("cut to what was kept here; 30.00 EUR are not paid")
    more = await claimed(here, old, 100)
    assert (more["status"], more["code"]) == ("refused", "room-handed-over")
    assert "approve a new version of the plan" in more["message"]
    assert more["details"]["message_lv"].startswith("Skolēns pārgājis pie cita maksātāja")
    assert more["details"]["explanation"]["elsewhere_cents"] == 18_000
    assert (await shares(cells, pupil_ref))[0] == (12_000, 0)
    await here.set_parameter("partial_payment", "refuse", since="2021-11-01")
    other, plan_id, _ = await moved(cells, reserved=12_000, ordered=0)
    await months_agreed(*cells)
    whole = await claimed(here, plan_id, 12_001)
    assert (whole["status"], whole["code"]) == ("refused", "room-too-small")
    assert whole["message"].startswith("120.00 EUR were kept here")
    assert (await shares(cells, other))[0] == (12_000, 0)
    await here.set_parameter("partial_payment", "cut", since="2021-11-01")


@pytest.mark.feature("M2")
@pytest.mark.feature("M23")
async def test_what_becomes_free_later_follows_the_pupil(cells: Cells) -> None:
    here, _, third = cells
    pupil_ref, old, _ = await moved(cells, reserved=12_000, ordered=0)
    order_id = await here.an_order(old, "m", 5_000)
    await months_agreed(*cells)
    line = {"order_id": order_id, "reason_code": "by-mistake"}
    (back,) = await here.doors.lines("/orders/cancellations", [line], by=OFFICER, at=LATER)
    assert back["status"] == "accepted"
    assert await shares(cells, pupil_ref) == [(7_000, 0), (18_000, 0), (0, 0)], "on its way"
    await months_agreed(*cells)
    assert await shares(cells, pupil_ref) == [(7_000, 0), (23_000, 0), (0, 0)], "and reserved"
    await here.hear(a_closing(pupil_ref, old, on="2021-10-15"))
    await months_agreed(*cells)
    assert await shares(cells, pupil_ref) == [(0, 0), (30_000, 5_000), (0, 0)]
    last = await third.a_plan(meals(9_000), pupil_ref=pupil_ref)
    await months_agreed(*cells)
    assert await shares(cells, pupil_ref) == [(0, 0), (25_000, 0), (5_000, 0)]
    cut = await claimed(third, last, 9_000)
    assert (cut["code"], cut["details"]["cents"]) == ("ceiling-cut", 5_000)


@pytest.mark.feature("M2")
async def test_who_moves_back_takes_the_rest_of_the_month_along(cells: Cells) -> None:
    here, there, _ = cells
    pupil_ref, old, new = await moved(cells, reserved=2_000, ordered=2_000)
    await months_agreed(*cells)
    await there.hear(a_closing(pupil_ref, new, on="2021-10-20"))
    assert (await claimed(here, old, 3_000))["code"] == "room-handed-over"
    await here.hear(an_approval(pupil_ref, old, meals(12_000), plan_version=2))
    assert (await claimed(here, old, 3_000))["code"] == "room-awaited"
    await months_agreed(*cells)
    assert await shares(cells, pupil_ref) == [(CAP, 18_000), (0, 0), (0, 0)]
    assert (await claimed(here, old, 3_000))["status"] == "accepted"
    assert (await claimed(there, new, 100))["code"] == "room-handed-over"


@pytest.mark.feature("M2")
@pytest.mark.feature("D10")
async def test_told_again_and_again_nothing_changes(cells: Cells) -> None:
    pupil_ref, _, _ = await moved(cells, reserved=12_000, ordered=5_000)
    log = await months_agreed(*cells)
    before = await shares(cells, pupil_ref)
    await hear([*log, *reversed(log), *log], *cells)
    assert [await taken(cell, MONTHS) for cell in cells] == [[], [], []]
    assert await shares(cells, pupil_ref) == before


@pytest.mark.feature("M2")
async def test_of_two_cells_that_ask_at_once_the_first_in_the_topic_has_the_ceiling(
    cells: Cells,
) -> None:
    here, there, _ = cells
    pupil_ref = pupil()
    plans = [await cell.a_plan(meals(20_000), pupil_ref=pupil_ref) for cell in (here, there)]
    asks = [*await taken(there, MONTHS), *await taken(here, MONTHS)]
    await hear(asks, here)
    assert (await claimed(here, plans[0], 100))["code"] == "room-awaited", "it was the second"
    await hear(asks, there, cells[2])
    await months_agreed(*cells)
    assert await shares(cells, pupil_ref) == [(10_000, 0), (20_000, 0), (0, 0)]


async def test_what_cells_tell_of_a_month_is_pupil_month_partner_and_cents(cells: Cells) -> None:
    pupil_ref, _, _ = await moved(cells, reserved=12_000, ordered=5_000)
    asked, given = await months_agreed(*cells)
    fields = {"pupil_ref": pupil_ref, "month": OCTOBER, "version": 1}
    assert json.loads(asked.fact.model_dump_json()) == {**fields, "arrival": OTHER_OFFICE}
    assert json.loads(given.fact.model_dump_json()) == {
        **fields,
        "partner": OTHER_OFFICE,
        "cents": 18_000,
    }
    assert (asked.partner, given.partner) == (None, OTHER_OFFICE)


@pytest.mark.feature("M24")
async def test_the_books_know_of_shares_and_find_none_wrong_until_one_is(cells: Cells) -> None:
    _, there, _ = cells
    pupil_ref, _, _ = await moved(cells, reserved=12_000, ordered=5_000)
    await months_agreed(*cells)
    for cell in cells:
        assert command(cell, "check-books").stdout.splitlines()[-1] == "the books agree"
    change = text(
        "UPDATE pupil_months SET elsewhere_cents = elsewhere_cents - 100 WHERE pupil_ref = :pupil"
    )
    async with there.doors.database.transaction() as session:
        await session.execute(change, {"pupil": pupil_ref})
    assert command(there, "check-books").stdout.splitlines()[-2:] == [
        f"months-shared {pupil_ref}/{OCTOBER}: kept 18100, counted 18000",
        "THE BOOKS DISAGREE",
    ]
    shown = (await there.doors.get("/books/checks", by=STATE_OFFICER)).json()
    assert [one["name"] for one in shown["checks"] if one["differing"]] == ["months-shared"]


async def test_rows_older_than_what_was_told_begin_anew(cells: Cells) -> None:
    here, _, _ = cells
    pupil_ref = pupil()
    plan_id = await here.a_plan(meals(4_000), pupil_ref=pupil_ref)
    asks = await taken(here, MONTHS)
    async with here.doors.database.transaction() as session:
        await session.execute(
            text("DELETE FROM pupil_months WHERE pupil_ref = :p"), {"p": pupil_ref}
        )
    await hear(asks, *cells)
    assert (await claimed(here, plan_id, 4_000))["status"] == "accepted"


async def test_a_cell_that_pays_alone_neither_tells_nor_hears_of_months(payments: Payments) -> None:
    pupil_ref = pupil()
    plan_id = await payments.a_plan(meals(12_000), pupil_ref=pupil_ref)
    assert (await claimed(payments, plan_id, 20_000))["status"] == "accepted"
    assert await taken(payments, MONTHS) == []
    assert "months" not in [c.name for c in CONSUMERS if c.where(payments.doors.settings)]
    month = await payments.month(pupil_ref)
    assert (month["elsewhere_cents"], month["awaited"]) == (0, False)
