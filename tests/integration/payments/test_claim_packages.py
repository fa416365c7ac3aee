"""Claim packages: each verified line once, with its documents, in an archive that proves itself."""

import csv
import io
import json
import zipfile

import pytest
from joserfc.jwk import KeySet

from services.payments import archive
from services.payments.archive import ArchiveFaulty
from tests.builders_partner_reports import (
    BY_STATE,
    DECEMBER,
    a_paid_order,
    nothing_reported,
    verified,
)
from tests.builders_payments import Payments
from tests.money_facts import STATE_OFFICER, STRANGER, account


@pytest.fixture(autouse=True)
async def _nothing_reported_yet(payments: Payments) -> None:
    await nothing_reported(payments)


@pytest.mark.feature("N7")
async def test_a_claim_package_holds_each_verified_line_once_with_its_documents(
    payments: Payments,
) -> None:
    orders = [await a_paid_order(payments, cents) for cents in (1_001, 2_002)]
    rejected = {"decision": "rejected", "reason_code": "not-eligible"}
    await verified(payments, "2021-11", DECEMBER, **{orders[1]: rejected})
    made = await payments.doors.send("/claim-packages", {"last_day": "2021-11-30"}, **BY_STATE)
    assert made.status_code == 201, made.text
    package = made.json()
    assert (package["lines"], package["cents"], package["more"]) == (2, 1_001, False)
    assert (package["esf_cents"], package["state_cents"]) == (851, 150)
    again = await payments.doors.send("/claim-packages", {"last_day": "2021-11-30"}, **BY_STATE)
    assert again.json()["code"] == "nothing-to-claim"
    path = f"/claim-packages/{package['package_id']}/archive"
    downloads = [await payments.doors.get(path, by=STATE_OFFICER) for _ in range(2)]
    assert downloads[0].content == downloads[1].content
    keys = await signing_keys(payments)
    assert archive.checked(downloads[0].content, keys)["about"]["cents"] == 1_001
    with zipfile.ZipFile(io.BytesIO(downloads[0].content)) as opened:
        lines = list(csv.DictReader(io.StringIO(opened.read("lines.csv").decode())))
        documents = list(csv.DictReader(io.StringIO(opened.read("documents.csv").decode())))
        summary = json.loads(opened.read("summary.json"))
        everything = b"".join(opened.read(name) for name in opened.namelist()).decode()
    assert {line["order_id"]: line["accepted_cents"] for line in lines} == dict(
        zip(orders, ("1001", "0"), strict=True)
    )
    files = {(await payments.order(order_id))["file_id"] for order_id in orders}
    assert {document["bank_file_id"] for document in documents} == files
    assert len(documents[0]["evidence_digest"]) == len(documents[0]["bank_file_sha256"]) == 64
    assert [(row["support_type"], row["cents"]) for row in summary] == [("meals", 1_001)]
    for personal in ("Bērziņa", account(1), "p1:"):
        assert personal not in everything


async def signing_keys(payments: Payments) -> KeySet:
    """The keys payments publishes."""
    answer = await payments.doors.get("/signing-keys", by=STRANGER)
    return KeySet.import_key_set(answer.json())


async def test_an_archive_that_was_changed_is_found_out(payments: Payments) -> None:
    order_id = await a_paid_order(payments, 1_000)
    await verified(payments, "2021-11", DECEMBER)
    package_id = (
        await payments.doors.send("/claim-packages", {"last_day": "2021-11-30"}, **BY_STATE)
    ).json()["package_id"]
    path = f"/claim-packages/{package_id}/archive"
    good = (await payments.doors.get(path, by=STATE_OFFICER)).content
    keys = await signing_keys(payments)
    for changed in (rewritten(good, "lines.csv"), rewritten(good, "manifest.json"), good[:-9]):
        with pytest.raises(ArchiveFaulty):
            archive.checked(changed, keys)
    assert order_id in str(zipfile.ZipFile(io.BytesIO(good)).read("lines.csv"))


def rewritten(content: bytes, name: str) -> bytes:
    """The archive with one of its files changed."""
    written = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(written, "w") as new,
    ):
        for entry in old.namelist():
            new.writestr(entry, old.read(entry) + (b" " if entry == name else b""))
    return written.getvalue()
