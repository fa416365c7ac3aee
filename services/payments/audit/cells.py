"""Where a payment is counted: the cells of reporting to which it adds. Pure."""

from collections.abc import Iterator
from typing import Any

from services.payments.orders.store import OrderRow


def counted_in(order: OrderRow) -> list[dict[str, Any]]:
    """The cells an order adds to, each with the door of reporting that explains it.

    Money is counted by month and support type, at the school whose pupil was supported; grants
    have no school and are counted at their partner.
    """
    level, place = ("school", order.school_id) if order.school_id else ("partner", order.partner)
    return [
        {
            "measure": measure,
            "cents": cents,
            "level": level,
            "place": place,
            "period": f"{order.month}m",
            "cut": {"support_type": order.support_type},
            "door": f"/cells/{level}/{place}/{order.month}m/{measure}/explanation"
            f"?support_type={order.support_type}",
        }
        for measure, cents in _measures(order)
    ]


def _measures(order: OrderRow) -> Iterator[tuple[str, int]]:
    """What the order adds to which measure."""
    yield "ordered_cents", order.cents
    if order.state == "settled":
        yield "settled_cents", order.cents
    if order.state == "returned":
        yield "returned_cents", order.cents
    if order.recovered_cents:
        yield "recovered_cents", order.recovered_cents
