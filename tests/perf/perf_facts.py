"""The fact most benchmarks of the bus send: about as large as a payment."""

from typing import ClassVar

from shared.contracts.base import Fact, Topic

KEYS = 20_000
PARTNER = "90000000001"


class Paid(Fact):
    """Something was paid for somebody in a month."""

    type: ClassVar[str] = "pumpurs.perf.paid.v1"
    key_field: ClassVar[str] = "pupil_ref"

    pupil_ref: str
    n: int
    partner: str
    municipality: str
    month: str
    support_type: str
    cents: int
    esf_cents: int
    state_cents: int


def paid_on(name: str) -> type[Paid]:
    """The fact on a topic of its own."""
    the_topic = Topic(name, owner="perf", about="payments", key="pupil_ref")

    class Here(Paid):
        """Something was paid for somebody in a month."""

        topic: ClassVar[Topic] = the_topic

    return Here


def some(kind: type[Paid], first: int, count: int) -> list[Paid]:
    """Facts number `first` and on, about twenty thousand pupils in turn."""
    return [
        kind(
            pupil_ref=f"p1:{n % KEYS:032x}",
            n=n,
            partner=PARTNER,
            municipality="90009110000",
            month="2017-10",
            support_type="public_transport",
            cents=2_000,
            esf_cents=1_700,
            state_cents=300,
        )
        for n in range(first, first + count)
    ]
