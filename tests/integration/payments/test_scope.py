"""What counts under the ceiling is a rule of the programme that may change: each way of it."""

import pytest

from tests.builders_payments import Payments
from tests.money_facts import STATE_OFFICER, a_claim, a_consultation, hours_of_preparation, pupil

COUNTED = {
    "all": 6_000 + 3_000 + 4_000,
    "all_except_preparation": 3_000 + 4_000,
    "compensations": 4_000,
}


@pytest.mark.feature("M2")
@pytest.mark.parametrize("scope", COUNTED)
async def test_the_scope_of_the_ceiling_says_what_counts(alone: Payments, scope: str) -> None:
    await alone.set_parameter("cap_scope", scope, since="2021-09-01")
    pupil_ref = pupil()
    planned = {"c": ("consultation", {"2021-10": 3_000}), "m": ("meals", {"2021-10": 4_000})}
    plan_id = await alone.a_plan(planned, pupil_ref=pupil_ref)
    await alone.hear(a_consultation(pupil_ref, plan_id, "c-1", on="2021-10-05", measure_id="c"))
    await alone.hear(hours_of_preparation(pupil_ref, plan_id, 360))
    talk = {"kind": "consultation", "consultation_id": "c-1"}
    work = {"kind": "preparation"}
    answers = await alone.claim(
        [
            a_claim(plan_id, "m", 4_000),
            a_claim(plan_id, "c", 3_000, evidence=talk),
            a_claim(plan_id, "preparation", 6_000, month=None, evidence=work),
        ]
    )
    assert [answer["details"]["cents"] for answer in answers] == [4_000, 3_000, 6_000]
    month = await alone.month(pupil_ref)
    assert (month["ordered_cents"], month["reserved_cents"]) == (COUNTED[scope], 0)
    assert (await alone.semester())["spoken_for_cents"] == COUNTED["all"]


async def test_a_rule_nobody_knows_is_refused_with_those_that_are_known(alone: Payments) -> None:
    body = {"name": "cap_scope", "value": "everything", "source": "test"}
    answer = await alone.doors.send("/parameters", body, by=STATE_OFFICER, method="PUT")
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "parameter-not-one-of")
    assert set(problem["one_of"]) == set(COUNTED)
