"""What a bank would never send is refused with its place and reason, and leaves nothing behind."""

import gzip
import tracemalloc
from collections.abc import AsyncIterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from services.payments.statements.domain import FAULTS, exact_cents
from tests.builders_bank import ISO, Paid, a_statement, bring, entry, message, statement
from tests.builders_payments import Payments
from tests.money_facts import OFFICE, OFFICER

ROOT = f'<Document xmlns="{ISO}:camt.053.001.02"><BkToCstmrStmt>'
HEAD = "<GrpHdr><MsgId>M</MsgId></GrpHdr><Stmt><Id>S</Id>"
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(10))
GOOD = a_statement(Paid(None))
HOSTILE = {
    "empty": (b"", "not-xml"),
    "no xml": (b"order,amount\n1,40.00\n", "not-xml"),
    "compressed": (gzip.compress(GOOD), "compressed"),
    "cut off": (GOOD[: len(GOOD) // 2], "cut-off"),
    "not closed": (GOOD[: -len("</Document>")], "cut-off"),
    "billion laughs": (
        f"<!DOCTYPE d [{LAUGHS}]>{ROOT}<GrpHdr><MsgId>&l9;</MsgId></GrpHdr>".encode(),
        "document-type",
    ),
    "external entity": (
        f'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>{ROOT}&x;'.encode(),
        "document-type",
    ),
    "external subset": (b'<!DOCTYPE d SYSTEM "http://127.0.0.1/x.dtd"><d/>', "document-type"),
    "entity never declared": (f"{ROOT}<GrpHdr><MsgId>&x;</MsgId>".encode(), "document-type"),
    "another message": (
        f'<Document xmlns="{ISO}:pain.001.001.03"></Document>'.encode(),
        "message-unknown",
    ),
    "another namespace": (b"<Document><BkToCstmrStmt/></Document>", "message-unknown"),
    "wrong encoding": (GOOD.replace(b"<MsgId>", "<MsgId>Ķ".encode("cp1257")), "bad-encoding"),
    "encoding nobody knows": (GOOD.replace(b"UTF-8", b"KLINGON"), "bad-encoding"),
    "three decimals": (a_statement(Paid("x", amount="40.001")), "amount-not-whole-cents"),
    "minus": (a_statement(Paid("x", amount="-40.00")), "bad-amount"),
    "comma": (a_statement(Paid("x", amount="40,00")), "bad-amount"),
    "a day that is none": (a_statement(Paid("x", booked="2021-02-30")), "bad-date"),
    "no direction": (a_statement(Paid("x", direction="")), "field-missing"),
    "no status": (a_statement(Paid("x", status="")), "field-missing"),
}


async def kept(payments: Payments) -> tuple[int, int, int]:
    """How many messages, lines and reports there are."""
    asked = text(
        "SELECT (SELECT count(*) FROM bank_messages), (SELECT count(*) FROM bank_lines),"
        " (SELECT count(*) FROM reports)"
    )
    async with payments.doors.database.transaction() as session:
        row = (await session.execute(asked)).one()
    return row[0], row[1], row[2]


@pytest.mark.feature("M21")
@pytest.mark.parametrize("name", HOSTILE)
async def test_what_is_no_answer_of_a_bank_is_refused(payments: Payments, name: str) -> None:
    file, code = HOSTILE[name]
    before = await kept(payments)
    refused = await bring(payments, file)
    told = refused.json()
    assert (refused.status_code, told["code"]) == (422, code), told
    assert told["detail"] == FAULTS[code][1]
    assert told["message_lv"] == FAULTS[code][0]
    assert told["line"] >= 1 and told["column"] >= 1
    assert await kept(payments) == before


async def test_a_fault_names_line_and_field_and_undoes_the_lines_before(
    payments: Payments,
) -> None:
    order_id, _, _ = await payments.an_issued_order()
    lines = [entry(Paid(order_id)), "\n", entry(Paid(None, amount="1.005"))]
    refused = (await bring(payments, message(statement(lines)))).json()
    assert (refused["code"], refused["line"]) == ("amount-not-whole-cents", 3)
    assert (refused["field"], refused["text"]) == ("Ntry/Amt", "1.005")
    assert (await payments.order(order_id))["state"] == "in_file"
    right = [entry(Paid(order_id)), entry(Paid(None, amount="1.0050000", direction="CRDT"))]
    refused = (await bring(payments, message(statement(right)))).json()
    assert refused["code"] == "amount-not-whole-cents"


@pytest.mark.parametrize(
    ("piece", "code"),
    [
        (b"<x>" * 20_000, "too-deep"),
        (b"<Ntry><AcctSvcrRef>" + b"a" * 60_000, "text-too-long"),
        (b"<Ntry a='" + b"a" * 60_000, "text-too-long"),
        (b"<!--" + b"a" * 60_000, "text-too-long"),
        (b"<Ntry><NtryDtls>", "too-deep"),
    ],
)
async def test_a_gigabyte_of_anything_is_refused_long_before_its_end(
    payments: Payments, piece: bytes, code: str
) -> None:
    sent = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal sent
        yield (ROOT + HEAD).encode()
        yield piece
        filler = piece if piece.endswith(b">") else b"a" * 60_000
        while sent < 8_000_000:
            sent += len(filler)
            yield filler

    tracemalloc.start()
    try:
        refused = await upload(payments, body())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert refused.json()["code"] == code, refused.text
    assert peak < 8_000_000


async def test_a_file_above_the_limit_is_refused_while_it_comes(payments: Payments) -> None:
    settings = payments.doors.settings
    most = settings.upload_bytes_max
    object.__setattr__(settings, "upload_bytes_max", 100_000)
    sent = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal sent
        yield ROOT.encode()
        while sent < 10_000_000:
            sent += 10_000
            yield b" " * 10_000

    try:
        refused = await upload(payments, body())
        assert (refused.status_code, refused.json()["code"]) == (413, "file-too-large")
        assert (await bring(payments, b" " * 100_001)).json()["code"] == "file-too-large"
    finally:
        object.__setattr__(settings, "upload_bytes_max", most)


async def upload(payments: Payments, body: AsyncIterator[bytes]) -> httpx.Response:
    """Send a body that comes in pieces."""
    headers = payments.doors.headers(OFFICER, "2021-11-18", "hostile") | {"x": "1"}
    headers["Idempotency-Key"] = f"hostile-{id(body)}"
    path = f"/offices/{OFFICE}/bank-answers"
    return await payments.doors.client.post(path, content=body, headers=headers)


@given(cents=st.integers(0, 10**15), zeros=st.integers(0, 12))
def test_any_number_of_zeros_behind_the_cents_changes_nothing(cents: int, zeros: int) -> None:
    assert exact_cents(f"{cents // 100}.{cents % 100:02d}{'0' * zeros}") == cents
    if cents % 100 == 0:
        assert exact_cents(str(cents // 100)) == exact_cents(f"{cents // 100}.") == cents
    if cents % 10 == 0:
        assert exact_cents(f"{cents // 100}.{cents % 100 // 10}") == cents


@given(
    whole=st.integers(0, 10**9),
    part=st.text("0123456789", min_size=3, max_size=12).filter(lambda t: t[2:].strip("0")),
)
def test_what_is_not_whole_cents_is_never_rounded(whole: int, part: str) -> None:
    with pytest.raises(ValueError, match="amount-not-whole-cents"):
        exact_cents(f"{whole}.{part}")


async def test_megabytes_without_an_entry_are_read_through_and_taken(payments: Payments) -> None:
    order_id, _, _ = await payments.an_issued_order()
    inside = "<Xtr>" + "<a>b</a>" * 2_500_000 + "</Xtr>"
    file = message(statement([inside, entry(Paid(order_id))]))
    answer = await bring(payments, file)
    assert (answer.status_code, answer.json()["results"]) == (200, {"applied": 1})
