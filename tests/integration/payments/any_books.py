"""The books of any life: every sum is that of its parts, and what is kept by hand."""

from lxml import etree
from sqlalchemy import text

from services.payments.checks import store as check_rows
from services.payments.checks.domain import COMPARED
from services.payments.files.domain import NAMESPACE
from shared import clock
from shared.money import parse_euro
from tests.integration.payments.any_life import Life
from tests.integration.payments.any_order import NOT_FILED, OFFICES
from tests.integration.payments.outbox import said

SIGNS = {"ordered": 1, "returned": -1, "cancelled": -1, "recovered": -1}


async def books_agree(life: Life) -> None:
    """Every sum is that of its parts, every order stands where it is kept by hand."""
    async with life.payments.doors.database.transaction() as session:
        for compared in COMPARED:
            found = await check_rows.compare(session, compared.name, now=clock.now())
            assert found.differing == 0, found
        asked = "SELECT coalesce(sum(ordered_cents), 0)::bigint FROM entitlements"
        ordered = await session.scalar(text(asked))
        asked = "SELECT coalesce(sum(spoken_for_cents), 0)::bigint FROM allocations"
        spoken_for = await session.scalar(text(asked))
        orders = await session.execute(text("SELECT order_id, state, cents FROM orders"))
        stand = {row[0]: (row[1].replace("sent", "in_file"), row[2]) for row in orders}
        deleted = await session.scalars(text("SELECT plan_id FROM plans WHERE state = 'deleted'"))
        assert set(deleted) == life.deleted
    assert stand == {o.order_id: (o.state, o.cents) for o in life.orders.values()}
    assert ordered == sum(o.counts for o in life.orders.values() if o.plan_id is not None)
    assert ordered <= spoken_for


async def files_and_facts_agree(life: Life) -> None:
    """The files hold each order once, its sum and account; what was told adds up to the books."""
    filed: list[tuple[str, int, str]] = []
    for file_id, office in life.files.items():
        answer = await life.payments.doors.get(f"/bank-files/{file_id}", by=OFFICES[office])
        filed += payments_of_file(answer.content)
    left = [order for order in life.orders.values() if order.state not in NOT_FILED]
    assert sorted(filed) == sorted((o.order_id, o.cents, o.account or "") for o in left)
    net = 0
    for key in {order.key for order in life.orders.values()}:
        for kind, fact in await said(life.payments, key):
            what = kind.removeprefix("payment-")
            net += SIGNS[what] * fact["cents"] if what in SIGNS else 0
            if what in SIGNS:
                assert fact["esf_cents"] + fact["state_cents"] == fact["cents"]
    assert net == sum(order.counts for order in life.orders.values())


def payments_of_file(file: bytes) -> list[tuple[str, int, str]]:
    """Order, cents and account of each payment of a bank file."""
    inside = f"{{{NAMESPACE}}}"
    return [
        (
            one.findtext(f".//{inside}EndToEndId", ""),
            parse_euro(one.findtext(f".//{inside}InstdAmt", "")),
            one.findtext(f"{inside}CdtrAcct//{inside}IBAN", ""),
        )
        for one in etree.fromstring(file).iter(f"{inside}CdtTrfTxInf")
    ]
