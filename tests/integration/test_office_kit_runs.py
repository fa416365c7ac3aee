"""The starter kit alone, in a folder of its own, works as its page says, with rights on."""

import asyncio
import hashlib
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from deploy import office_kit
from deploy.office_signing import public_key
from services.payments.files.domain import Head, Payer, Payment, Writer
from tests.money_facts import account
from tests.office_broker import Broker, a_consumer, a_producer
from tests.secure_kafka import secure_kafka

OFFICE = "40900012345"
ORDERS, REPORTS = (f"payment-office.{OFFICE}.{kind}.v1" for kind in ("orders", "reports"))
ISSUED_AT = datetime(2021, 11, 15, 8, tzinfo=UTC)
WAIT_SECONDS_MAX = 60


def a_file(file_id: str, cents: int) -> tuple[bytes, bytes]:
    """A bank file with one payment, and what is told of it."""
    payer = Payer("Siguldas novads", OFFICE, account(1), None)
    head = Head(file_id, ISSUED_AT, date(2021, 11, 16), payer, 1, cents)
    writer, order_id = Writer(head), f"order-of-{file_id}"
    payment = Payment(order_id, cents, "Anna", account(2), "Skola", "ēdināšana", "1", "2")
    content = writer.begin() + writer.write([payment]) + writer.end()
    told = {"partner": OFFICE, "file_id": file_id, "execution_date": "2021-11-16", "count": 1}
    told |= {"cents": cents, "order_ids": [order_id], "issued_at": ISSUED_AT.isoformat()}
    told |= {"sha256": hashlib.sha256(content).hexdigest()}
    return content, json.dumps(told).encode()


@asynccontextmanager
async def payments_door(files: dict[str, bytes]) -> AsyncIterator[str]:
    """A door that hands out files to who has the token and signs, and nothing else."""

    async def answer(asks: asyncio.StreamReader, gives: asyncio.StreamWriter) -> None:
        head = (await asks.readuntil(b"\r\n\r\n")).decode().lower()
        name = head.split(" ")[1].removeprefix("/bank-files/")
        good = "authorization: bearer let-me-in\r\n" in head and "signature-input: sig1=" in head
        body = files[name] if good else b""
        status = "200 OK" if good else "401 Unauthorized"
        gives.write(f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body)
        await gives.drain()
        gives.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@asynccontextmanager
async def the_kit_at_work(folder: Path, broker: Broker, url: str) -> AsyncIterator[None]:
    """The client of the kit as a process of its own, started as the page of the kit says."""
    for name, content in office_kit.documents().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key.pem").write_bytes(pem)
    (folder / "token.txt").write_text("let-me-in\n")
    shown = await run(folder, "office_signing.py", "key.pem")
    assert json.loads((await shown.communicate())[0]) == public_key(key)
    words = [OFFICE, "--bootstrap", broker.kafka.bootstrap, "--url", url, "--key-file", "key.pem"]
    words += ["--token-file", "token.txt", "--user", f"office-{OFFICE}"]
    words += ["--password-file", str(broker.passwords / f"office-{OFFICE}")]
    client = await run(folder, "practice_office.py", *words, "--ca", str(broker.kafka.ca))
    try:
        yield
        assert client.returncode is None, "it works until it is stopped"
    finally:
        client.kill()
        await client.communicate()


async def run(folder: Path, *words: str) -> asyncio.subprocess.Process:
    """A program of the kit."""
    return await asyncio.create_subprocess_exec(
        sys.executable, *words, cwd=folder, stdout=asyncio.subprocess.PIPE, env={}
    )


async def tell(broker: Broker, told: bytes) -> None:
    """Tell the office of a file, as payments does."""
    headers = [("ce_type", b"pumpurs.payment-office.bank-file-issued.v1")]
    async with a_producer(broker.access("payments")) as producer:
        await producer.send_and_wait(ORDERS, told, key=b"k", headers=headers)


async def heard(broker: Broker, count: int) -> list[dict[str, Any]]:
    """The first so many reports of the office."""
    access = broker.access("payments")
    async with (
        asyncio.timeout(WAIT_SECONDS_MAX),
        a_consumer(access, REPORTS, group=None) as consumer,
    ):
        return [json.loads((await consumer.getone()).value) for _ in range(count)]


@pytest.mark.needs_real_broker
@pytest.mark.feature("M30")
@pytest.mark.feature("M31")
async def test_an_office_that_has_only_the_kit_works_on_through_a_restart_of_the_broker(
    tmp_path: Path,
) -> None:
    (first, told), (second, told_later) = a_file("file1", 4_000), a_file("file2", 1_234)
    with secure_kafka(tmp_path) as kafka:
        (tmp_path / "passwords").mkdir()
        broker = Broker(kafka, tmp_path / "passwords")
        broker.command("topics", "--office", OFFICE)
        broker.command("users", "--secrets", str(broker.passwords), "--office", OFFICE)
        door = payments_door({"file1": first, "file2": second})
        async with door as url, the_kit_at_work(tmp_path / "kit", broker, url):
            await tell(broker, told)
            (paid,) = await heard(broker, 1)
            assert (paid["order_id"], paid["cents"]) == ("order-of-file1", 4_000)
            await asyncio.to_thread(kafka.broker.kill)
            await asyncio.to_thread(kafka.broker.start)
            await tell(broker, told_later)
            _, later = await heard(broker, 2)
            assert (later["order_id"], later["cents"]) == ("order-of-file2", 1_234)
