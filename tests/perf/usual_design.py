"""The usual design as a baseline: one message, one ORM session, one transaction, then publish.

FastStream with its defaults and a pydantic parameter; the handler looks whether it has seen the
message, loads the row, changes it, commits, and publishes what follows after the commit.
"""

import asyncio
import time

from faststream.kafka import KafkaBroker
from pydantic import BaseModel
from sqlalchemy import BigInteger
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from tests.perf.ground import Ground
from tests.perf.perf_facts import Paid, some

MESSAGES = 2_000
WARM_UP = 100


class Base(DeclarativeBase):
    """The tables of the usual design."""


class Seen(Base):
    """A message that was handled."""

    __tablename__ = "seen"

    message_id: Mapped[str] = mapped_column(primary_key=True)


class PaidRow(Base):
    """Sums of one pupil."""

    __tablename__ = "paid"

    pupil_ref: Mapped[str] = mapped_column(primary_key=True)
    cents: Mapped[int] = mapped_column(BigInteger)
    times: Mapped[int]


class Follows(BaseModel):
    """What is published after the commit."""

    pupil_ref: str
    cents: int


async def usual_facts_per_s(ground: Ground) -> float:
    """Messages per second from reading to the commit and the publishing behind it."""
    topic, answers = await ground.topic("usual"), await ground.topic("answers")
    engine = create_async_engine(await ground.database("usual"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    broker = KafkaBroker(ground.bootstrap.split(","), logger=None)
    handled: list[float] = []

    @broker.subscriber(topic, group_id="usual", auto_offset_reset="earliest")
    async def on_paid(fact: Paid) -> None:
        async with sessions() as session:
            if await session.get(Seen, str(fact.n)) is not None:
                return
            session.add(Seen(message_id=str(fact.n)))
            row = await session.get(PaidRow, fact.pupil_ref)
            if row is None:
                row = PaidRow(pupil_ref=fact.pupil_ref, cents=0, times=0)
                session.add(row)
            row.cents += fact.cents
            row.times += 1
            await session.commit()
        await broker.publish(Follows(pupil_ref=fact.pupil_ref, cents=row.cents), answers)
        handled.append(time.perf_counter())

    await broker.connect()
    for fact in some(Paid, 0, MESSAGES):
        await broker.publish(fact, topic, key=fact.pupil_ref.encode(), no_confirm=True)
    await broker.start()
    while len(handled) < MESSAGES:
        await asyncio.sleep(0.05)
    await broker.stop()
    await engine.dispose()
    return (MESSAGES - WARM_UP) / (handled[-1] - handled[WARM_UP - 1])
