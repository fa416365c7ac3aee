"""A payment office to practise with: hears of bank files over Kafka, takes them over HTTP, "pays".

Everything an office's own program has to do stands here in its order: hear of a file, download
it, check it, pay, report each order, and only then move on. After a crash it may all happen
again: a report's id follows from its order, so the second time changes nothing.
"""

import asyncio
import hashlib
import json
import ssl
import sys
import uuid
from asyncio import Future
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.producer.message_accumulator import BatchBuilder
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from lxml import etree

from deploy.office_signing import private_key, signed

FILE_ISSUED = "pumpurs.payment-office.bank-file-issued.v1"
SETTLED = "pumpurs.payment-office.order-settled.v1"
RETURNED = "pumpurs.payment-office.order-returned.v1"
PAIN = "{urn:iso:std:iso:20022:tech:xsd:pain.001.001.03}"
DOWNLOAD_SECONDS_MAX = 60
BATCH_BYTES_MAX = 500_000
AGAIN_SECONDS = 5


class WrongFile(Exception):
    """The downloaded file is not the one that was announced; nothing of it is paid."""


@dataclass(frozen=True)
class Office:
    """Who pays, where it listens, how it signs in (`kafka`: user, password, certificates).

    With a `key` it signs what it asks (office_signing.py), as some offices must.
    `returns` gives the reason with which the bank returns an order, None where it is paid.
    """

    partner: str
    bootstrap: str
    url: str
    token: Callable[[], str]
    returns: Callable[[str], str | None] = lambda _order_id: None
    kafka: dict[str, Any] = field(default_factory=dict)
    in_programme_time: bool = False
    key: Ed25519PrivateKey | None = None


async def keep_working(office: Office) -> None:
    """Work for ever: where broker or payments is away for a while, begin again at the last file."""
    while True:
        try:
            await work(office)
        except (KafkaError, httpx.HTTPError) as trouble:
            sys.stderr.write(f"{type(trouble).__name__}: {trouble}; beginning again\n")
            await asyncio.sleep(AGAIN_SECONDS)


async def work(office: Office, *, files_max: int | None = None) -> None:
    """Pay one announced file after another, for ever or until so many are done."""
    servers = office.bootstrap.split(",")
    consumer = AIOKafkaConsumer(
        f"payment-office.{office.partner}.orders.v1",
        bootstrap_servers=servers,
        group_id=f"payment-office.{office.partner}.practice",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        **office.kafka,
    )
    producer = AIOKafkaProducer(
        bootstrap_servers=servers,
        acks="all",
        enable_idempotence=True,
        max_batch_size=BATCH_BYTES_MAX,
        **office.kafka,
    )
    async with consumer, producer:
        files_done = 0
        async for record in consumer:
            if dict(record.headers).get("ce_type") == FILE_ISSUED.encode():
                await pay(office, json.loads(record.value), producer)
                await consumer.commit()
                files_done += 1
            if files_done == files_max:
                return


async def pay(office: Office, file: dict[str, Any], producer: AIOKafkaProducer) -> None:
    """Download a file, check it, "pay" its orders and report on each."""
    orders = checked(await download(office, file), file)
    sent = []
    batch = producer.create_batch()
    for record in (report(office, file, order_id, cents) for order_id, cents in orders.items()):
        if batch.append(**record, timestamp=None) is None:
            sent.append(await send(office, batch, producer))
            batch = producer.create_batch()
            batch.append(**record, timestamp=None)
    sent.append(await send(office, batch, producer))
    await asyncio.gather(*sent)


async def send(office: Office, batch: BatchBuilder, producer: AIOKafkaProducer) -> Future[Any]:
    """A full batch is on its way to the only partition of the office's topic."""
    topic = f"payment-office.{office.partner}.reports.v1"
    sending: Future[Any] = await producer.send_batch(batch, topic, partition=0)
    return sending


def report(office: Office, file: dict[str, Any], order_id: str, cents: int) -> dict[str, Any]:
    """What is said of one order: paid, or returned for a reason."""
    reason = office.returns(order_id)
    kind = SETTLED if reason is None else RETURNED
    report_id, day = f"{order_id}-{kind.split('.')[2]}", file["execution_date"]
    if not office.in_programme_time:
        # The practice bank pays at once, and nobody can report of a day that has not come.
        day = min(day, datetime.now(UTC).date().isoformat())
    said = {
        "report_id": report_id,
        "partner": office.partner,
        "order_id": order_id,
        "booked_on": day,
        "cents": cents,
    } | ({} if reason is None else {"reason_code": reason})
    return {
        "key": order_id.encode(),
        "value": json.dumps(said).encode(),
        "headers": envelope(office, kind, report_id, order_id, day),
    }


async def download(office: Office, file: dict[str, Any]) -> bytes:
    """The file itself, with the office's own token."""
    headers = {"Authorization": f"Bearer {office.token().strip()}"}
    if office.in_programme_time:
        headers["Programme-Time"] = file["issued_at"]
    url = f"{office.url}/bank-files/{file['file_id']}"
    if office.key is not None:
        told = file["issued_at"] if office.in_programme_time else None
        now = datetime.fromisoformat(told) if told else datetime.now(UTC)
        headers |= signed(office.key, "GET", url, now=now)
    async with httpx.AsyncClient(timeout=DOWNLOAD_SECONDS_MAX) as client:
        answer = await client.get(url, headers=headers)
        return answer.raise_for_status().content


def checked(content: bytes, file: dict[str, Any]) -> dict[str, int]:
    """Cents by order; hash, count, sum and orders must be those that were announced."""
    if hashlib.sha256(content).hexdigest() != file["sha256"]:
        raise WrongFile("hash")
    root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    ids = [found.text or "" for found in root.iter(f"{PAIN}EndToEndId")]
    sums = [(found.text or "").replace(".", "") for found in root.iter(f"{PAIN}InstdAmt")]
    orders = {order_id: int(cents) for order_id, cents in zip(ids, sums, strict=True)}
    announced = (file["count"], file["cents"], set(file["order_ids"]))
    if (len(orders), sum(orders.values()), set(orders)) != announced:
        raise WrongFile("count, sum or orders")
    return orders


def envelope(
    office: Office, kind: str, report_id: str, order_id: str, day: str
) -> list[tuple[str, bytes]]:
    """CloudEvents 1.0 headers, binary mode; an office numbers nothing."""
    return [
        ("ce_specversion", b"1.0"),
        ("ce_id", str(uuid.uuid5(uuid.NAMESPACE_URL, report_id)).encode()),
        ("ce_source", f"/payment-office/{office.partner}".encode()),
        ("ce_type", kind.encode()),
        ("ce_time", f"{day}T15:00:00+00:00".encode()),
        ("ce_subject", order_id.encode()),
        ("content-type", b"application/json"),
    ]


def signed_in(user: str, password_file: Path | None, ca: Path | None) -> dict[str, Any]:
    """What a client needs to sign in by SCRAM over TLS; nothing where no user is named."""
    if not user or password_file is None:
        return {}
    return {
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": user,
        "sasl_plain_password": password_file.read_text().strip(),
        "ssl_context": ssl.create_default_context(cafile=ca),
    }


def main(
    partner: str,
    bootstrap: Annotated[str, typer.Option(help="HOST:PORT of Kafka")],
    url: Annotated[str, typer.Option(help="where payments answers HTTP")],
    token_file: Annotated[Path, typer.Option(help="your sign-in's token, read before each file")],
    user: Annotated[str, typer.Option(help="office-PARTNER; none: a broker without rights")] = "",
    password_file: Annotated[Path | None, typer.Option()] = None,
    ca: Annotated[Path | None, typer.Option(help="the broker's certificate authority")] = None,
    key_file: Annotated[Path | None, typer.Option(help="your private key, to sign with")] = None,
    return_order: Annotated[list[str] | None, typer.Option(help="an order to return")] = None,
) -> None:
    """Be the payment office of PARTNER (a registration number) until interrupted."""
    reasons = dict.fromkeys(return_order or [], "account-closed")
    kafka = signed_in(user, password_file, ca)
    key = None if key_file is None else private_key(key_file.read_bytes())
    office = Office(partner, bootstrap, url, token_file.read_text, reasons.get, kafka, key=key)
    asyncio.run(keep_working(office))


if __name__ == "__main__":
    typer.run(main)
