"""What an operator sees of money: open orders by state, reports that fit nothing."""

from datetime import UTC, datetime

from services.payments.jobs import measure_money
from shared import metrics
from tests.builders_payments import Payments


async def measured(payments: Payments, name: str, **labels: str) -> float:
    """A gauge after the job has run."""
    async with payments.doors.database.transaction() as session:
        await measure_money(session, datetime(2021, 11, 15, tzinfo=UTC))
    found = metrics.REGISTRY.get_sample_value(name, labels)
    assert found is not None
    return found


async def test_open_orders_are_measured_until_they_are_paid(payments: Payments) -> None:
    before = await measured(payments, "pumpurs_orders_open", state="in_file")
    cents = await measured(payments, "pumpurs_orders_open_cents", state="in_file")
    order_id, _, _ = await payments.an_issued_order(cents=4_000)
    assert await measured(payments, "pumpurs_orders_open", state="in_file") == before + 1
    assert await measured(payments, "pumpurs_orders_open_cents", state="in_file") == cents + 4_000
    await payments.report(order_id, "settled")
    assert await measured(payments, "pumpurs_orders_open", state="in_file") == before


async def test_a_report_that_fits_nothing_is_measured(payments: Payments) -> None:
    before = await measured(payments, "pumpurs_work_list_items")
    await payments.report("no-such-order", "settled")
    assert await measured(payments, "pumpurs_work_list_items") == before + 1
