"""The payment offices of the demo: outsiders that hear of bank files over Kafka and report back."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import httpx
from aiokafka.errors import KafkaError

from deploy.demo import people
from deploy.demo.book import Book
from deploy.demo.scenario import Place, places
from deploy.practice_office import Office, work

PAUSE_SECONDS = 0.3
RETURNED_REASON = "account-closed"
TROUBLES = (KafkaError, httpx.HTTPError, OSError, asyncio.TimeoutError)
"""Broker or payments away: an office tries again; its reports have one id each."""


@contextlib.asynccontextmanager
async def offices(book: Book, payments: str) -> AsyncIterator[None]:
    """Every partner's office works for as long as the block lasts; `payments` is an address."""
    tasks = [
        asyncio.create_task(_office(book, where, payments), name=f"office {people.short(where)}")
        for where in places()
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _office(book: Book, where: Place, payments: str) -> None:
    office = Office(
        partner=people.partner(where),
        bootstrap=book.bootstrap,
        url=payments,
        token=lambda: book.doors.token(people.officers(where)[0]),
        returns=lambda order_id: RETURNED_REASON if order_id == book.returned_order else None,
        in_programme_time=True,
    )
    while True:
        with contextlib.suppress(*TROUBLES):
            await work(office)
        await asyncio.sleep(PAUSE_SECONDS)
