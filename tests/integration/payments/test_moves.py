"""A pupil who moves: the month keeps one ceiling, each partner pays its own, both are named."""

from collections.abc import Mapping
from typing import Any

import pytest

from shared.registers import keep_schools
from tests.builders_payments import Payments
from tests.doors import told
from tests.money_facts import (
    OFFICE,
    OFFICER,
    OTHER_OFFICE,
    OTHER_SCHOOL,
    STRANGER,
    TEACHER,
    a_claim,
    a_school,
    a_suspension,
    an_approval,
    pupil,
)

THERE: dict[str, Any] = {
    "partner": OTHER_OFFICE,
    "school_id": OTHER_SCHOOL,
    "municipality_id": OTHER_OFFICE,
}


async def there(payments: Payments) -> None:
    """Another partner with a school, which a pupil may move to; the stranger pays for it."""
    names = {"name_lv": "Preiļu 1. pamatskola", "name_en": "Preiļi Basic School No 1"}
    school = a_school(OTHER_SCHOOL, OTHER_OFFICE).model_copy(update=names)
    async with payments.doors.database.transaction() as session:
        await keep_schools(session, [told(school)])
    line = {"payee_id": "mother", "partner": OTHER_OFFICE, "kind": "parent", "name": "Anna"}
    accounts = line | {"account": "LV80BANK0000435195001"}
    await payments.doors.lines("/payees", [accounts], by=STRANGER)


async def a_moved_pupil(payments: Payments) -> str:
    """A pupil with a plan here until 14 October, and from 15 October one at another partner."""
    await there(payments)
    pupil_ref = pupil()
    here = {"a": ("accommodation", {"2021-10": 21_240}), "m": ("meals", {"2021-10": 6_000})}
    await payments.hear(an_approval(pupil_ref, f"here-{pupil_ref[-4:]}", here))
    await payments.an_order(f"here-{pupil_ref[-4:]}", "a", 21_240, **on("2021-10-14"))
    await payments.hear(a_suspension(pupil_ref, f"here-{pupil_ref[-4:]}", on="2021-10-15"))
    moved = an_approval(
        pupil_ref,
        f"there-{pupil_ref[-4:]}",
        {"m": ("meals", {"2021-10": 6_000, "2021-11": 30_000})},
        valid=("2021-10-15", "2021-12-21"),
        **THERE,
    )
    await payments.hear(moved)
    return pupil_ref


def on(day: str) -> Mapping[str, Any]:
    """Claim a day instead of the month."""
    return {"month": None, "service_date": day}


@pytest.mark.feature("N1")
@pytest.mark.feature("M2")
async def test_the_month_of_a_pupil_who_moved_is_explained_by_school(alone: Payments) -> None:
    pupil_ref = await a_moved_pupil(alone)
    month = await alone.month(pupil_ref)
    assert month["sentence_en"] == (
        "of 300.00 EUR in October 212.40 used by accommodation at Sigulda Town Secondary School, "
        "60.00 reserved for meals at Preiļi Basic School No 1, 27.60 left"
    )
    assert month["sentence_lv"] == (
        "no 300,00 EUR oktobrī 212,40 izlietoti naktsmītnei (Siguldas pilsētas vidusskola), "
        "60,00 rezervēti ēdināšanai (Preiļu 1. pamatskola), 27,60 atlikuši"
    )
    assert [(one["support_type"], one["partner"]) for one in month["lines"]] == [
        ("accommodation", OFFICE),
        ("meals", OTHER_OFFICE),
    ]
    november = await alone.month(pupil_ref, "2021-11")
    assert "at Preiļi" not in november["sentence_en"], "where there is one school it goes unsaid"


@pytest.mark.feature("M4")
@pytest.mark.feature("M2")
async def test_the_month_keeps_one_ceiling_and_each_partner_pays_its_own_days(
    alone: Payments,
) -> None:
    pupil_ref = await a_moved_pupil(alone)
    here, there_ = f"here-{pupil_ref[-4:]}", f"there-{pupil_ref[-4:]}"
    early = a_claim(there_, "m", 100, **on("2021-10-14"))
    late = a_claim(here, "m", 100, **on("2021-10-15"))
    (too_early,) = await alone.claim([early], by=STRANGER)
    (too_late,) = await alone.claim([late], by=OFFICER)
    assert [too_early["code"], too_late["code"]] == ["plan-not-in-force"] * 2
    (cut,) = await alone.claim([a_claim(there_, "m", 10_000, **on("2021-10-20"))], by=STRANGER)
    assert (cut["code"], cut["details"]["cents"]) == ("ceiling-cut", 8_760)
    sentence = cut["details"]["explanation"]["sentence_en"]
    assert "212.40 used by accommodation at Sigulda Town Secondary School" in sentence
    order = await alone.doors.get(f"/orders/{cut['details']['order_id']}", by=STRANGER)
    assert order.json()["partner"] == OTHER_OFFICE
    (none,) = await alone.claim([a_claim(here, "m", 1, **on("2021-10-14"))], by=TEACHER)
    assert none["code"] == "ceiling-used-up"
    assert "at Preiļi Basic School No 1" in none["details"]["explanation"]["sentence_en"]
    month = await alone.month(pupil_ref)
    assert (month["ordered_cents"], month["free_cents"]) == (30_000, 0)


@pytest.mark.feature("M26")
async def test_each_partner_s_own_allocation_is_spoken_for(alone: Payments) -> None:
    await alone.allocate("set", 50_000)
    await alone.allocate("set", 20_000, partner=OTHER_OFFICE)
    pupil_ref = await a_moved_pupil(alone)
    here, there_ = await alone.semester(), await alone.semester(OTHER_OFFICE)
    assert (here["spoken_for_cents"], here["reserved_cents"]) == (21_240, 0)
    assert there_["spoken_for_cents"] == 20_000
    assert there_["waiting_cents"] == 6_000 + 30_000 - 20_000
    assert (await alone.month(pupil_ref, "2021-11"))["reserved_cents"] == 14_000
