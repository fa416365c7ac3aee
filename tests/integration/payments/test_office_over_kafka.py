"""An office that works as an outsider would: its topics, its token, and nothing else."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from confluent_kafka.admin import AdminClient

from deploy.kafka.topics import create_topics
from deploy.local.tokens import TokenIssuer
from deploy.practice_office import SETTLED, Office, envelope, work
from shared import running
from shared.contracts.catalogue import TOPICS
from tests.builders_payments import Payments
from tests.dated_topics import BROKER, let_writer_date, until_dated_by
from tests.integration.payments.test_signed_requests import a_key
from tests.money_facts import OFFICE, OFFICER, OTHER_OFFICE, pupil

WAIT_SECONDS_MAX = 60


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@asynccontextmanager
async def running_payments(payments: Payments, bootstrap: str) -> AsyncIterator[str]:
    """The whole service on the database of the stories; gives its address."""
    port = free_port()
    settings = payments.doors.settings.model_copy(
        update={"kafka_bootstrap": bootstrap, "port": port, "instance": "one"}
    )
    service, stop = payments.doors.service, asyncio.Event()
    database = service.database(settings)
    parts = running._parts(
        service, settings, database, frozenset({running.Part.WEB, running.Part.WORKER}), stop
    )
    runs = asyncio.create_task(running._until_stopped(parts, stop))
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        stop.set()
        await runs
        await database.close()


async def until_waiting(payments: Payments, report_id: str) -> dict[str, Any]:
    """Wait until a report is in the work list; gives it."""
    async with asyncio.timeout(WAIT_SECONDS_MAX):
        while True:
            listed = await payments.doors.get(f"/offices/{OFFICE}/work-list", by=OFFICER)
            for item in listed.json()["items"]:
                if item["report_id"] == report_id:
                    return dict(item)
            await asyncio.sleep(0.1)


async def until_state(payments: Payments, order_id: str, state: str) -> None:
    """Wait until an order has come to a state."""
    async with asyncio.timeout(WAIT_SECONDS_MAX):
        while (await payments.order(order_id))["state"] != state:
            await asyncio.sleep(0.1)


@pytest.mark.needs_real_broker
@pytest.mark.feature("M23")
@pytest.mark.feature("M30")
@pytest.mark.feature("M32")
async def test_an_office_pays_what_it_hears_of_and_reports_back(
    payments: Payments, kafka_bootstrap: str, tokens: TokenIssuer
) -> None:
    await asyncio.to_thread(
        create_topics, kafka_bootstrap, TOPICS.values(), offices=[OFFICE, OTHER_OFFICE]
    )
    key = await a_key(payments)
    await payments.set_parameter("signed_requests", "required", place=OFFICE)
    orders, pupils = [], [pupil() for _ in range(3)]
    for number, pupil_ref in enumerate(pupils):
        plan_id = await payments.a_plan({"m": ("meals", {"2021-10": 4_000})}, pupil_ref=pupil_ref)
        orders.append(await payments.an_order(plan_id, "m", 1_000 + number))
    await payments.approve_orders(*orders)
    async with running_payments(payments, kafka_bootstrap) as url:
        issued = await payments.issue_file()
        assert issued.status_code == 201, issued.text
        office = Office(
            OFFICE,
            kafka_bootstrap,
            url,
            token=lambda: tokens.token(OFFICER),
            returns={orders[1]: "account-closed"}.get,
            in_programme_time=True,
            key=key,
        )
        async with asyncio.timeout(WAIT_SECONDS_MAX):
            await work(office, files_max=1)
        for order_id, state in zip(orders, ("settled", "returned", "settled"), strict=True):
            await until_state(payments, order_id, state)
    assert (await payments.order(orders[0]))["booked_on"] == "2021-11-16"
    assert (await payments.order(orders[1]))["reason_code"] == "account-closed"
    months = [(await payments.month(pupil_ref))["ordered_cents"] for pupil_ref in pupils]
    assert months == [1_000, 0, 1_002], "what came back is free again"


@pytest.mark.needs_real_broker
@pytest.mark.feature("M32")
async def test_an_office_cannot_report_from_the_future_whatever_time_it_writes(
    payments: Payments, kafka_bootstrap: str
) -> None:
    topic, provision = f"payment-office.{OFFICE}.reports.v1", (kafka_bootstrap, TOPICS.values())
    await asyncio.to_thread(create_topics, *provision, offices=[OFFICE])
    admin = AdminClient({"bootstrap.servers": kafka_bootstrap})
    await asyncio.to_thread(let_writer_date, admin, topic)
    await asyncio.to_thread(create_topics, *provision, offices=[OFFICE])
    await asyncio.to_thread(until_dated_by, admin, topic, BROKER)
    order_id, _, _ = await payments.an_issued_order()
    report_id = f"early-{order_id}"
    said: dict[str, Any] = {
        "report_id": report_id,
        "partner": OFFICE,
        "order_id": order_id,
        "cents": 4_000,
    }
    said |= {"booked_on": "2998-12-31"}
    office = Office(OFFICE, kafka_bootstrap, "", token=lambda: "")
    headers = envelope(office, SETTLED, report_id, order_id, "2999-01-01")
    async with (
        running_payments(payments, kafka_bootstrap),
        AIOKafkaProducer(bootstrap_servers=kafka_bootstrap) as producer,
    ):
        year_2999 = int(datetime(2999, 1, 1, tzinfo=UTC).timestamp() * 1000)
        await producer.send_and_wait(
            topic,
            json.dumps(said).encode(),
            key=order_id.encode(),
            headers=headers,
            timestamp_ms=year_2999,
        )
        waiting = await until_waiting(payments, report_id)
    assert waiting["code"] == "booked-in-future"
    assert (await payments.order(order_id))["state"] in ("in_file", "sent")
