"""Apply a batch exactly once: one transaction for the effect, what follows, and the number.

What cannot be read is set aside and the rest goes on. Where the effect fails the batch is split,
left to right, until the culprit stands alone. What will pass by itself is raised as NotNow, and
the caller reads the same records again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from shared import metrics
from shared.bus import setting_aside, spans
from shared.bus.consume import Consumer
from shared.bus.context import story
from shared.bus.envelope import Unreadable
from shared.bus.hearing import Heard, Number, OfAnotherForm, Place, SetAside, told
from shared.bus.not_now import is_not_now, reason_of
from shared.bus.sequences import lock_sequences, move_sequences
from shared.bus.waves import waves
from shared.contracts.base import Fact, Received
from shared.contracts.catalogue import FACTS
from shared.db import Database

SET_ASIDE_IN_A_ROW_MAX = 50

_log = structlog.get_logger(__name__)


class NotNow(Exception):
    """The batch may succeed later; read it again."""


class TooManySetAside(Exception):
    """So many in a row cannot be applied that it is rather our fault: the consumer stops."""


@dataclass
class _Batch:
    """A batch inside its transaction: what is applied, set aside, skipped; how far it reaches."""

    last: dict[Place, Number]
    parked: set[str]
    known: set[tuple[str, int, int]]
    in_a_row: int
    told: list[Received[Any]] = field(default_factory=list)
    aside: list[SetAside] = field(default_factory=list)
    reached: dict[Place, Number] = field(default_factory=dict)
    repeated: int = 0


class Applier:
    """One consumer's batches, against one database."""

    def __init__(
        self,
        consumer: Consumer,
        group: str,
        database: Database,
        *,
        serves: Callable[[str | None], bool] = lambda _: True,
        in_a_row_max: int = SET_ASIDE_IN_A_ROW_MAX,
    ) -> None:
        """`serves` tells which partners this cell works for."""
        self._consumer = consumer
        self._group = group
        self._database = database
        self._serves = serves
        self._in_a_row_max = in_a_row_max
        self._in_a_row = 0
        self._kinds: Mapping[str, type[Fact]] = {fact.type: fact for fact in consumer.handles}

    async def apply_or_split(self, heard: Sequence[Heard]) -> None:
        """Apply records in order; raises NotNow or TooManySetAside, having kept what went well."""
        try:
            await self._apply(heard)
        except TooManySetAside:
            raise
        except Exception as error:
            if is_not_now(error):
                metrics.NOT_NOW.labels(self._group, type(error).__name__).inc()
                raise NotNow(reason_of(error)) from error
            if len(heard) == 1:
                await self._set_aside_alone(heard[0], error)
                return
            half = len(heard) // 2
            await self.apply_or_split(heard[:half])
            await self.apply_or_split(heard[half:])

    async def _apply(self, heard: Sequence[Heard]) -> None:
        """All records in one transaction."""
        async with self._database.transaction() as session:
            batch = await self._begin(session, heard)
            for one in heard:
                if self._too_many(batch.in_a_row):
                    break
                if self._is_new(one, batch):
                    self._take(one, batch)
            if batch.told:
                with spans.of_facts(self._group, batch.told) as facts:
                    await self._hand_over(session, facts)
            await self._keep(session, batch)
        self._committed(batch)

    async def _begin(self, session: AsyncSession, heard: Sequence[Heard]) -> _Batch:
        """Lock the senders' rows first: a zombie waits here and then finds everything heard."""
        places = {one.place for one in heard if one.place is not None}
        last = await lock_sequences(session, self._group, places)
        unnumbered = [one for one in heard if one.place is None]
        return _Batch(
            last=last,
            parked=await setting_aside.parked_keys(session, self._group)
            if self._consumer.parks
            else set(),
            known=await setting_aside.known_positions(session, self._group, unnumbered)
            if unnumbered
            else set(),
            in_a_row=self._in_a_row,
        )

    def _is_new(self, one: Heard, batch: _Batch) -> bool:
        """Whether the record was not heard before: by its number, or by its place in the log."""
        place = one.place
        if place is None:
            record = one.record
            return (record.topic, record.partition, record.offset) not in batch.known
        if one.number <= batch.last[place]:
            batch.repeated += 1
            return False
        batch.last[place] = batch.reached[place] = one.number
        return True

    def _take(self, one: Heard, batch: _Batch) -> None:
        """Read a new record, if it is for us; parked and unreadable ones are set aside."""
        if one.fault is not None:
            self._put_aside(one, "read", one.fault.reason, batch)
            return
        if not self._serves(one.partner):
            return
        kind = self._kinds.get(one.ce_type)
        if kind is None:
            if one.ce_type not in FACTS:
                reason = f"type: {one.ce_type} is not in the catalogue"
                self._put_aside(one, "read", reason, batch)
            return
        if batch.parked and one.key in batch.parked:
            reason = "parked: an earlier fact of this key was set aside"
            batch.aside.append(SetAside(one, setting_aside.PARKED, reason))
            return
        try:
            batch.told.append(told(one, kind))
            batch.in_a_row = 0
        except Unreadable as fault:
            self._put_aside(one, "read", fault.reason, batch)
        except OfAnotherForm as fault:
            self._put_aside(one, "contract", fault.reason, batch)

    def _put_aside(self, one: Heard, stage: str, reason: str, batch: _Batch) -> None:
        batch.aside.append(SetAside(one, stage, reason))
        batch.in_a_row += 1
        key = one.key
        if self._consumer.parks and one.place is not None and key is not None:
            batch.parked.add(key)

    async def _hand_over(self, session: AsyncSession, facts: Sequence[Received[Any]]) -> None:
        """Give the handlers their facts, wave by wave."""
        for wave in waves(facts):
            for kind, of_kind in wave.items():
                with story(told=of_kind):
                    await self._consumer.handles[kind](session, of_kind)
        if self._consumer.batch_done is not None:
            with story(told=facts):
                await self._consumer.batch_done(session, facts)

    async def _keep(self, session: AsyncSession, batch: _Batch) -> None:
        """What was set aside and how far we are, in the transaction of the effect."""
        await setting_aside.set_aside(session, self._group, batch.aside, parks=self._consumer.parks)
        await move_sequences(session, self._group, batch.reached)

    async def _set_aside_alone(self, one: Heard, error: Exception) -> None:
        """The culprit, found: a row with the reason, and the number moves past it."""
        reason = reason_of(error)
        _log.warning("set aside", consumer=self._group, ce_type=one.ce_type, reason=reason)
        try:
            async with self._database.transaction() as session:
                batch = await self._begin(session, [one])
                if self._is_new(one, batch):
                    self._put_aside(one, "effect", reason, batch)
                await self._keep(session, batch)
        except Exception as trouble:
            raise NotNow(reason_of(trouble)) from trouble
        self._committed(batch)

    def _too_many(self, in_a_row: int) -> bool:
        return in_a_row >= self._in_a_row_max

    def _committed(self, batch: _Batch) -> None:
        """Count what happened; raises TooManySetAside once it is on the record."""
        metrics.FACTS_APPLIED.labels(self._group).inc(len(batch.told))
        metrics.REPETITIONS_SKIPPED.labels(self._group).inc(batch.repeated)
        for one in batch.aside:
            metrics.SET_ASIDE.labels(self._group, one.stage).inc()
        self._in_a_row = batch.in_a_row
        if self._too_many(batch.in_a_row):
            raise TooManySetAside(f"{batch.in_a_row} in a row")
