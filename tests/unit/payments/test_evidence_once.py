"""Of all claims on a piece of evidence one at a time may be paid, however the topic is read."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from services.payments.evidence.domain import Claim, Standing, may_be_paid, stand

AT = datetime(2021, 11, 15, tzinfo=UTC)
CELLS = ("/payments/sigulda", "/payments/preili")


@dataclass(frozen=True)
class Told:
    """One record of the topic: a claim, or that its evidence is free again."""

    claim: Claim
    released: bool = False


@dataclass
class Cell:
    """What a cell keeps of the topic, as its table does."""

    standing: dict[tuple[str, str], Standing] = field(default_factory=dict)

    @property
    def held(self) -> dict[str, str]:
        """The order that holds each piece of evidence."""
        return {ref: i for (i, ref), how in self.standing.items() if how is Standing.FIRST}

    def hear(self, records: Sequence[Told]) -> None:
        """Take records in, runs of claims at once as the bus hands them over."""
        run: list[Claim] = []
        for record in records:
            if not record.released:
                run.append(record.claim)
                continue
            self._stand(run)
            run = []
            self.standing[_key(record.claim)] = Standing.RELEASED
        self._stand(run)

    def _stand(self, run: Sequence[Claim]) -> None:
        lined = {ref for (_, ref), how in self.standing.items() if how is Standing.PART}
        for claim, how in stand(run, held=self.held, in_lines=lined, known=self.standing):
            assert how is not Standing.FIRST or claim.evidence_ref not in self.held
            self.standing[_key(claim)] = how


def _key(claim: Claim) -> tuple[str, str]:
    """By what a cell knows a claim again."""
    return claim.order_id, claim.evidence_ref


def claims(numbers: Sequence[int]) -> list[Claim]:
    """A claim for each number, on one of three papers, of one of two cells."""
    return [Claim(f"e1:{n % 3}", f"order-{i}", CELLS[n % 2], AT) for i, n in enumerate(numbers)]


@given(st.data(), st.lists(st.integers(0, 5), min_size=1, max_size=12))
def test_every_reading_of_the_topic_finds_the_same_first(
    data: st.DataObject, numbers: list[int]
) -> None:
    topic: list[Told] = []
    paid: dict[str, str] = {}
    reader = Cell()
    for claim in claims(numbers):
        record = Told(claim)
        topic.append(record)
        reader.hear([record])
        if reader.held.get(claim.evidence_ref) == claim.order_id:
            assert claim.evidence_ref not in paid, "the one before has not given it back"
            paid[claim.evidence_ref] = claim.order_id
        if data.draw(st.booleans()) and paid.get(claim.evidence_ref) == claim.order_id:
            topic.append(Told(claim, released=True))
            reader.hear(topic[-1:])
            del paid[claim.evidence_ref]
    again = Cell()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(topic)), max_size=4)))
    for begin, end in zip([0, *cuts], [*cuts, len(topic)], strict=True):
        again.hear(topic[begin:end])
        again.hear(topic[begin:end])
    assert again.standing == reader.standing
    assert again.held == paid


def test_where_several_cells_pay_only_what_came_back_first_may_leave() -> None:
    assert may_be_paid(several_cells=True) == ["first"]
    assert set(may_be_paid(several_cells=False)) == {"first", "alone"}
