"""An office signs its requests and we our answers; what is another's, changed or old is refused."""

import json
import uuid
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from deploy.office_signing import WrongAnswer, check_answer, key_name, public_key, signed
from tests.builders_payments import Payments
from tests.money_facts import (
    COUNTER,
    LATER,
    OFFICE,
    OFFICER,
    OTHER_OFFICE,
    STATE_OFFICER,
    STRANGER,
    TEACHER,
)

NOW = datetime.fromisoformat(LATER)
FILES, ORDERS = f"/offices/{OFFICE}/bank-files", f"/offices/{OFFICE}/orders"
KEYS, REPORTS = f"/offices/{OFFICE}/keys", f"/offices/{OFFICE}/reports"


async def enter_key(
    payments: Payments, key: Ed25519PrivateKey, *, by: str = OFFICER, path: str = KEYS
) -> httpx.Response:
    """Enter the public half of a key."""
    return await payments.doors.send(path, public_key(key), by=by, at=LATER)


async def decide(payments: Payments, key_id: str, act: str, *, by: str) -> httpx.Response:
    """Confirm or revoke a key."""
    return await payments.doors.send(f"{KEYS}/{key_id}/{act}", {}, by=by, at=LATER)


async def a_key(payments: Payments) -> Ed25519PrivateKey:
    """A key of the office that is in force."""
    key = Ed25519PrivateKey.generate()
    assert (await enter_key(payments, key)).status_code == 201
    confirmed = await decide(payments, key_name(key), "confirmation", by=STATE_OFFICER)
    assert confirmed.json()["state"] == "in_force", confirmed.text
    return key


async def ask(
    payments: Payments,
    path: str,
    signature: dict[str, str],
    *,
    by: str = OFFICER,
    body: bytes | None = None,
    at: str = LATER,
) -> httpx.Response:
    """A request with these headers of a signature."""
    headers = payments.doors.headers(by, at, str(uuid.uuid4())) | signature
    method = "GET" if body is None else "POST"
    if body is not None:
        headers["Content-Type"] = "application/json"
    return await payments.doors.client.request(method, path, content=body, headers=headers)


def code(answer: httpx.Response) -> tuple[int, str]:
    """What was refused."""
    return answer.status_code, answer.json()["code"]


def a_report(order_id: str) -> bytes:
    """A report as an office would send it."""
    line: dict[str, Any] = {"report_id": f"report-{next(COUNTER)}", "order_id": order_id}
    line |= {"outcome": "settled", "cents": 4_000, "booked_on": "2021-11-15"}
    return json.dumps({"lines": [line]}).encode()


@pytest.mark.feature("M30")
async def test_an_office_that_must_sign_is_refused_without_and_served_with_a_signature(
    payments: Payments,
) -> None:
    key = await a_key(payments)
    order_id, *_ = await payments.an_issued_order()
    file_id = (await payments.order(order_id))["file_id"]
    download, report = f"/bank-files/{file_id}", a_report(order_id)
    await payments.set_parameter("signed_requests", "required", place=OFFICE)
    for path in (FILES, ORDERS, download):
        assert code(await ask(payments, path, {})) == (401, "signature-missing")
    assert code(await ask(payments, REPORTS, {}, body=report)) == (401, "signature-missing")
    assert (await payments.order(order_id))["state"] == "in_file"
    for path in (FILES, f"{ORDERS}?file_id={file_id}&limit=5", download):
        assert (await ask(payments, path, signed(key, "GET", path, now=NOW))).status_code == 200
    signature = signed(key, "POST", REPORTS, report, now=NOW)
    assert (await ask(payments, REPORTS, signature, body=report)).json()["accepted"] == 1
    assert (await ask(payments, ORDERS, {}, by=STATE_OFFICER)).status_code == 200
    await payments.set_parameter("signed_requests", "optional", place=OFFICE)
    assert (await payments.order(order_id))["state"] == "settled"


@pytest.mark.feature("M30")
async def test_what_was_signed_cannot_be_changed_nor_sent_again(payments: Payments) -> None:
    key = await a_key(payments)
    order_id, *_ = await payments.an_issued_order()
    report, path = a_report(order_id), f"{ORDERS}?limit=5"
    signature = signed(key, "POST", REPORTS, report, now=NOW)
    changed = report.replace(b"4000", b"4001")
    other = signed(Ed25519PrivateKey.generate(), "POST", REPORTS, report, now=NOW)
    fits = signed(key, "POST", "/", changed, now=NOW)
    bodiless = signed(key, "POST", REPORTS, now=NOW)
    for headers, body in (
        (signature, changed),
        (signature | {"Content-Digest": fits["Content-Digest"]}, changed),
        (signature | {"Signature": other["Signature"]}, report),
        (other, report),
        (bodiless, report),
        (signed(key, "PUT", REPORTS, report, now=NOW), report),
    ):
        assert code(await ask(payments, REPORTS, headers, body=body)) == (401, "signature-wrong")
    for signed_path in (ORDERS, f"{ORDERS}?limit=6", FILES):
        wrong = await ask(payments, path, signed(key, "GET", signed_path, now=NOW))
        assert code(wrong) == (401, "signature-wrong")
    assert (await payments.order(order_id))["state"] == "in_file"
    once = await ask(payments, REPORTS, signature, body=report)
    again = await ask(payments, REPORTS, signature, body=report)
    assert (once.status_code, code(again)) == (200, (401, "signature-replayed"))


@pytest.mark.feature("M30")
async def test_a_signature_is_taken_for_five_minutes(payments: Payments) -> None:
    key = await a_key(payments)
    for seconds, status in ((-301, 401), (-299, 200), (299, 200), (301, 401)):
        signature = signed(key, "GET", ORDERS, now=NOW + timedelta(seconds=seconds))
        answer = await ask(payments, ORDERS, signature)
        assert answer.status_code == status
        assert status == 200 or answer.json()["code"] == "signature-stale"


@pytest.mark.feature("M30")
@pytest.mark.feature("M12")
async def test_a_key_counts_once_a_second_person_confirmed_it_and_until_it_is_revoked(
    payments: Payments,
) -> None:
    old, new = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()

    async def use(key: Ed25519PrivateKey) -> int:
        return (await ask(payments, ORDERS, signed(key, "GET", ORDERS, now=NOW))).status_code

    assert (await enter_key(payments, old)).json()["state"] == "proposed"
    assert await use(old) == 401
    own = await decide(payments, key_name(old), "confirmation", by=OFFICER)
    foreign = await decide(payments, key_name(old), "confirmation", by=STRANGER)
    assert (code(own), code(foreign)) == (
        (409, "four-eyes"),
        (403, "outside-your-organisation"),
    )
    await decide(payments, key_name(old), "confirmation", by=STATE_OFFICER)
    assert await use(old) == 200
    await enter_key(payments, new, by=STATE_OFFICER)
    await decide(payments, key_name(new), "confirmation", by=OFFICER)
    assert (await use(old), await use(new)) == (200, 200), "both, so that an office can change"
    await decide(payments, key_name(old), "revocation", by=OFFICER)
    assert (await use(old), await use(new)) == (401, 200)
    assert code(await enter_key(payments, old)) == (409, "key-known")
    again = await decide(payments, key_name(old), "confirmation", by=STATE_OFFICER)
    assert code(again) == (409, "key-decided")
    listed = (await payments.doors.get(KEYS, by=OFFICER)).json()["keys"]
    states = {key["key_id"]: key["state"] for key in listed}
    assert (states[key_name(old)], states[key_name(new)]) == ("revoked", "in_force")


@pytest.mark.feature("M30")
@pytest.mark.feature("M31")
async def test_the_key_of_one_office_signs_nothing_for_another(payments: Payments) -> None:
    key, path = await a_key(payments), f"/offices/{OTHER_OFFICE}/orders"
    theirs = await ask(payments, path, signed(key, "GET", path, now=NOW), by=STRANGER)
    assert code(theirs) == (401, "signature-wrong")
    ours = await ask(payments, path, signed(key, "GET", path, now=NOW))
    assert code(ours) == (403, "outside-your-organisation")
    for person, place in ((TEACHER, KEYS), (STRANGER, KEYS)):
        refused = await enter_key(payments, Ed25519PrivateKey.generate(), by=person, path=place)
        assert refused.status_code == 403
    taken = await enter_key(payments, key, by=STRANGER, path=f"/offices/{OTHER_OFFICE}/keys")
    assert code(taken) == (409, "key-known")


async def test_what_is_no_key_is_refused_with_its_field(payments: Payments) -> None:
    good = public_key(Ed25519PrivateKey.generate())
    for bad in ({"kty": "RSA"}, {"x": "AAAA"}, {"crv": "X25519"}, {"d": "private"}):
        answer = await payments.doors.send(KEYS, good | bad, by=OFFICER, at=LATER)
        assert code(answer) == (422, "invalid")


@pytest.mark.feature("M12")
async def test_the_database_itself_refuses_a_key_of_one_person(payments: Payments) -> None:
    key = Ed25519PrivateKey.generate()
    await enter_key(payments, key)
    for values in ("state = 'in_force'", "state = 'in_force', confirmed_by = entered_by"):
        with pytest.raises(DBAPIError, match=r"office_keys_(confirmed|four_eyes)"):
            async with payments.doors.database.transaction() as session:
                await session.execute(
                    text(f"UPDATE office_keys SET {values} WHERE key_id = :id"),
                    {"id": key_name(key)},
                )


@pytest.mark.feature("M30")
async def test_what_we_answer_is_signed_for_the_request_it_answers(payments: Payments) -> None:
    order_id, *_ = await payments.an_issued_order()
    file_id = (await payments.order(order_id))["file_id"]
    keys: dict[str, Any] = (await payments.doors.get("/signing-keys", by=OFFICER)).json()
    for path in (FILES, f"{ORDERS}?limit=5", f"/bank-files/{file_id}"):
        answer = await ask(payments, path, {})
        check_answer(keys, path, 200, answer.headers, answer.content)
        with pytest.raises(WrongAnswer):
            check_answer(keys, path, 200, answer.headers, answer.content + b" ")
        for url, status in ((f"{path}&x" if "?" in path else f"{path}?x", 200), (path, 201)):
            with pytest.raises(InvalidSignature):
                check_answer(keys, url, status, answer.headers, answer.content)
