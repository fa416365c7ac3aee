"""Status reports (pain.002): payments, whole files, and what is not final."""

import pytest

from tests.builders_bank import a_status, bring, issued, states, tag, taken
from tests.builders_partner_reports import came_back
from tests.builders_payments import Payments


@pytest.mark.feature("M20")
@pytest.mark.parametrize("version", [3, 10])
async def test_a_status_report_is_read_down_to_its_payments(
    payments: Payments, version: int
) -> None:
    (paid, refused, waiting, silent), file_id = await issued(payments, 4)
    listed = [(paid, "ACSC", None), (refused, "RJCT", "AC04"), (waiting, "ACSP", None)]
    found = await taken(payments, a_status(listed, file_id=file_id, group="PART", version=version))
    assert (found["results"], found["not_final"]) == ({"applied": 2}, 1)
    assert await states(payments, paid, refused, waiting, silent) == [
        "settled", "returned", "in_file", "in_file",
    ]  # fmt: skip
    assert (await payments.order(refused))["reason_code"] == "AC04"


@pytest.mark.feature("M20")
async def test_a_file_rejected_as_a_whole_returns_every_order_of_it(payments: Payments) -> None:
    orders, file_id = await issued(payments, 3)
    whole = tag("OrgnlNbOfTxs", 3) + tag("OrgnlCtrlSum", "120.00")
    wrong = tag("OrgnlNbOfTxs", 4) + tag("OrgnlCtrlSum", "120.00")
    odd = await taken(payments, a_status([], file_id=file_id, group="RJCT", whole=wrong))
    assert odd["work_list_codes"] == {"file-sum-differs": 1}
    assert await states(payments, *orders) == ["in_file"] * 3
    strange = await taken(payments, a_status([], file_id="no-file", group="RJCT"))
    assert strange["work_list_codes"] == {"file-unknown": 1}
    found = await taken(payments, a_status([], file_id=file_id, group="RJCT", whole=whole))
    assert found["results"] == {"applied": 3}
    assert await states(payments, *orders) == ["returned"] * 3


async def test_a_status_names_the_file_where_it_names_no_sum(payments: Payments) -> None:
    (order_id,), _ = await issued(payments, 1)
    found = await taken(payments, a_status([(order_id, "ACSC", None)], file_id="another"))
    assert found["work_list_codes"] == {"order-of-another-file": 1}
    odd = await taken(payments, a_status([(order_id, "ABCD", None)], file_id="another"))
    assert odd["work_list_codes"] == {"status-unknown": 1}
    assert await states(payments, order_id) == ["in_file"]


@pytest.mark.feature("M20")
async def test_a_status_without_a_sum_returns_no_payment_of_which_a_part_came_back(
    payments: Payments,
) -> None:
    (order_id,), file_id = await issued(payments, 1)
    await taken(payments, a_status([(order_id, "ACSC", None)], file_id=file_id))
    await came_back(payments, order_id, 1_000, "2021-11-17")
    found = await taken(payments, a_status([(order_id, "RJCT", "AC04")], file_id=file_id))
    assert found["work_list_codes"] == {"partly-recovered": 1}
    order = await payments.order(order_id)
    assert (order["state"], order["recovered_cents"]) == ("settled", 1_000)
    assert (await payments.month(order["pupil_ref"]))["ordered_cents"] == 3_000


@pytest.mark.feature("M20")
async def test_a_payment_named_twice_in_one_status_report_is_not_heard_once_alone(
    payments: Payments,
) -> None:
    (order_id, other), file_id = await issued(payments, 2)
    twice = [(order_id, "ACSC", None), (order_id, "RJCT", "AC04"), (other, "ACSC", None)]
    found = await taken(payments, a_status([*twice, twice[-1]], file_id=file_id))
    assert found["results"] == {"applied": 3, "repeated": 1}
    assert await states(payments, order_id, other) == ["returned", "settled"]


async def test_a_status_of_the_whole_may_not_contradict_a_payment(payments: Payments) -> None:
    (order_id, other), file_id = await issued(payments, 2)
    file = a_status([(order_id, "RJCT", "AC01")], file_id=file_id, group="ACSC")
    refused = await bring(payments, file)
    assert (refused.status_code, refused.json()["code"]) == (422, "status-contradicts")
    assert await states(payments, order_id, other) == ["in_file"] * 2
