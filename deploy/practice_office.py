"""A payment office to practise with: hears of bank files over Kafka, takes them over HTTP, "pays".

Everything an office's own program has to do stands here, in the order in which it happens:
hear of a file, download it, check it, pay, report each order, and only then move on. What was
reported may be reported again after a crash: the report's id follows from the order, so the
second time changes nothing.

    python -m deploy.practice_office --partner 90000048152 --url http://127.0.0.1:8003 \
        --bootstrap 127.0.0.1:9092 --token-file token.txt --return-every 50
"""

import argparse
import asyncio
import hashlib
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

FILE_ISSUED = "pumpurs.payment-office.bank-file-issued.v1"
SETTLED = "pumpurs.payment-office.order-settled.v1"
RETURNED = "pumpurs.payment-office.order-returned.v1"
PAIN = "{urn:iso:std:iso:20022:tech:xsd:pain.001.001.03}"
DOWNLOAD_SECONDS_MAX = 60

Returns = Callable[[str], str | None]
"""The reason code with which the bank returns an order, or None where it is paid."""


class WrongFile(Exception):
    """The downloaded file is not the one that was announced; nothing of it is paid."""


@dataclass(frozen=True)
class Office:
    """Who pays, where it listens, and how it signs in. `kafka` is user, password, certificates."""

    partner: str
    bootstrap: str
    url: str
    token: Callable[[], str]
    returns: Returns = lambda _order_id: None
    kafka: dict[str, Any] = field(default_factory=dict)
    in_programme_time: bool = False

    @property
    def orders_topic(self) -> str:
        """What payments says to this office."""
        return f"payment-office.{self.partner}.orders.v1"

    @property
    def reports_topic(self) -> str:
        """What this office says."""
        return f"payment-office.{self.partner}.reports.v1"


async def work(office: Office, *, files_max: int | None = None) -> None:
    """Pay one announced file after another, for ever or until so many are done."""
    servers = office.bootstrap.split(",")
    consumer = AIOKafkaConsumer(
        office.orders_topic,
        bootstrap_servers=servers,
        group_id=f"payment-office.{office.partner}.practice",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        **office.kafka,
    )
    producer = AIOKafkaProducer(
        bootstrap_servers=servers, acks="all", enable_idempotence=True, **office.kafka
    )
    async with consumer, producer:
        files_done = 0
        async for record in consumer:
            if dict(record.headers).get("ce_type") == FILE_ISSUED.encode():
                await pay(office, json.loads(record.value), producer)
                files_done += 1
            await consumer.commit(
                {TopicPartition(record.topic, record.partition): record.offset + 1}
            )
            if files_done == files_max:
                return


async def pay(office: Office, file: dict[str, Any], producer: AIOKafkaProducer) -> None:
    """Download a file, check it, "pay" its orders and report on each."""
    orders = checked(await download(office, file), file)
    sending = [
        await producer.send(
            office.reports_topic,
            key=order_id.encode(),
            value=json.dumps(body).encode(),
            headers=envelope(office, kind, order_id, file),
        )
        for kind, order_id, body in reports(office, orders, file)
    ]
    await asyncio.gather(*sending)


async def download(office: Office, file: dict[str, Any]) -> bytes:
    """The file itself, with the office's own token."""
    headers = {"Authorization": f"Bearer {office.token()}"}
    if office.in_programme_time:
        headers["Programme-Time"] = file["issued_at"]
    async with httpx.AsyncClient(timeout=DOWNLOAD_SECONDS_MAX) as client:
        answer = await client.get(f"{office.url}/bank-files/{file['file_id']}", headers=headers)
        return answer.raise_for_status().content


def checked(content: bytes, file: dict[str, Any]) -> dict[str, int]:
    """Cents by order; hash, count, sum and orders must be those that were announced."""
    if hashlib.sha256(content).hexdigest() != file["sha256"]:
        raise WrongFile("hash")
    orders = {}
    # The hash says that payments wrote this file, so its XML needs no further distrust.
    for paid in ElementTree.fromstring(content).iter(f"{PAIN}CdtTrfTxInf"):  # noqa: S314 - see above
        euros, cents = (paid.findtext(f"{PAIN}Amt/{PAIN}InstdAmt") or "").split(".")
        orders[paid.findtext(f"{PAIN}PmtId/{PAIN}EndToEndId") or ""] = int(euros + cents)
    if (len(orders), sum(orders.values())) != (file["count"], file["cents"]):
        raise WrongFile("count or sum")
    if set(orders) != set(file["order_ids"]):
        raise WrongFile("orders")
    return orders


def reports(
    office: Office, orders: dict[str, int], file: dict[str, Any]
) -> list[tuple[str, str, dict[str, Any]]]:
    """What became of each order: type, order, and what is said of it."""
    said = []
    for order_id, cents in orders.items():
        reason = office.returns(order_id)
        body = {
            "report_id": f"{order_id}-{'settled' if reason is None else 'returned'}",
            "partner": office.partner,
            "order_id": order_id,
            "booked_on": file["execution_date"],
            "cents": cents,
        }
        if reason is None:
            said.append((SETTLED, order_id, body))
        else:
            said.append((RETURNED, order_id, {**body, "reason_code": reason}))
    return said


def envelope(
    office: Office, kind: str, order_id: str, file: dict[str, Any]
) -> list[tuple[str, bytes]]:
    """CloudEvents 1.0 headers, binary mode; an office numbers nothing."""
    values = {
        "ce_specversion": "1.0",
        "ce_id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{kind}/{order_id}")),
        "ce_source": f"/payment-office/{office.partner}",
        "ce_type": kind,
        "ce_time": f"{file['execution_date']}T15:00:00+00:00",
        "ce_subject": order_id,
        "ce_partner": office.partner,
        "content-type": "application/json",
    }
    return [(name, value.encode()) for name, value in values.items()]


def returning(*, orders: list[str], every: int, reason: str = "account-closed") -> Returns:
    """Return the orders named and every n-th one (0: none); pay the others."""
    seen: list[str] = []

    def decide(order_id: str) -> str | None:
        seen.append(order_id)
        chosen = order_id in orders or (every > 0 and len(seen) % every == 0)
        return reason if chosen else None

    return decide


def main() -> None:
    """The command line."""
    options = argparse.ArgumentParser(description="A payment office to practise with.")
    for name in ("--partner", "--bootstrap", "--url", "--token-file"):
        options.add_argument(name, required=True)
    options.add_argument("--return-order", action="append", default=[])
    options.add_argument("--return-every", type=int, default=0)
    options.add_argument("--files-max", type=int)
    given = options.parse_args()
    office = Office(
        partner=given.partner,
        bootstrap=given.bootstrap,
        url=given.url,
        token=lambda: Path(given.token_file).read_text("utf-8").strip(),
        returns=returning(orders=given.return_order, every=given.return_every),
    )
    asyncio.run(work(office, files_max=given.files_max))


if __name__ == "__main__":
    main()
