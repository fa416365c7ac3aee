"""The bank file and its validator: what is written is read back, what is wrong is named."""

import subprocess
import sys
from datetime import date, datetime

import pytest

from deploy.local.processes import ROOT
from services.payments.files.check import Finding, check
from services.payments.files.domain import Head, Payer, Payment, Writer, warnings_of
from tests.money_facts import account

PAYER = Payer("Siguldas novada pašvaldība", "90000048152", account(1), "TRELLV22")


def a_payment(order_id: str = "o1", **more: object) -> Payment:
    """A payment with nothing wrong in it."""
    values = {
        "order_id": order_id,
        "cents": 4_000,
        "name": "Anna Bērziņa",
        "iban": account(7),
        "ultimate_debtor": "Siguldas pilsētas vidusskola",
        "purpose": "PuMPuRS ēdināšanai 2021-10 P-1",
        "budget_payer": "21.2.0.0",
        "budget_payee": "EKK6200",
    }
    return Payment(**{**values, **more})  # type: ignore[arg-type]  # the test names single fields


def a_file(*payments: Payment) -> bytes:
    """A whole file of these payments."""
    cents = sum(payment.cents for payment in payments)
    head = Head("f1", datetime(2021, 11, 15, 10), date(2021, 11, 16), PAYER, len(payments), cents)
    writer = Writer(head)
    return writer.begin() + writer.write(payments) + writer.end()


def codes(found: list[Finding]) -> list[tuple[int, str]]:
    """Line and code of findings."""
    return [(finding.line, finding.code) for finding in found]


def test_a_right_file_has_no_findings() -> None:
    payments = [
        a_payment("o1"),
        a_payment("o2", town="Sigulda", country="LV", code="320000-00001"),
        a_payment("o3", name="A & B <SIA> “Ē”", person=False, code="40003521600"),
    ]
    assert check([a_file(*payments)]) == []


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"iban": "LV00HABA0000000000007"}, "bad-iban"),
        ({"cents": 0}, "amount"),
        ({"name": "Ā" * 71}, "name-length"),
        ({"order_id": "o1"}, "end-to-end-repeated"),
    ],
)
def test_each_fault_is_named_with_its_line_and_cure(fault: dict[str, object], code: str) -> None:
    second = a_payment("o2")._replace(**fault)  # type: ignore[arg-type]  # one field of any kind
    (finding,) = check([a_file(a_payment("o1"), second)])
    assert (finding.line, finding.code) == (2, code)
    assert finding.field
    assert finding.cure_lv != finding.cure_en


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"<CtrlSum>40.00", b"<CtrlSum>40.01", "sum"),
        (b"<NbOfTxs>1<", b"<NbOfTxs>2<", "count"),
        (b'Ccy="EUR"', b'Ccy="USD"', "amount"),
        (b">40.00</InstdAmt>", b">40.001</InstdAmt>", "amount"),
        (b">40.00</InstdAmt>", b">-40.00</InstdAmt>", "amount"),
        (b"<ChrgBr>", b"<UltmtDbtr><Nm>A</Nm></UltmtDbtr><ChrgBr>", "ultimate-debtor-level"),
        (b"<RgltryRptg>", b"<RgltryRptgX>", "schema"),
        ("<Cdtr><Nm>Anna Bērziņa</Nm>".encode(), b"<Cdtr>", "schema"),
        (b"<PmtMtd>TRF", b"<PmtMtd>CHK", "schema"),
        (b"</PmtInf>", b"", "unreadable"),
    ],
)
def test_a_changed_file_is_seen(old: bytes, new: bytes, code: str) -> None:
    right = a_file(a_payment())
    assert old in right
    assert code in [found for _, found in codes(check([right.replace(old, new)]))]


def test_a_file_that_is_cut_off_or_hostile_is_refused() -> None:
    right = a_file(a_payment())
    assert codes(check([right[: len(right) // 2]]))
    bomb = b'<!DOCTYPE a [<!ENTITY b "c">]><Document>&b;</Document>'
    assert codes(check([bomb]))
    assert codes(check([b""]))


def test_the_pieces_may_be_cut_anywhere() -> None:
    whole = a_file(*(a_payment(f"o{n}") for n in range(50)))
    assert check(whole[i : i + 7] for i in range(0, len(whole), 7)) == []


def test_a_file_never_holds_other_than_its_head_says() -> None:
    head = Head("f1", datetime(2021, 11, 15), date(2021, 11, 16), PAYER, 2, 8_000)
    writer = Writer(head)
    writer.begin()
    writer.write([a_payment()])
    with pytest.raises(AssertionError):
        writer.end()


@pytest.mark.parametrize(
    ("cents", "hour", "warned"),
    [
        (70_000_000, 17, []),
        (70_000_001, 17, ["day-sum-to-announce"]),
        (1, 18, ["after-last-hour"]),
    ],
)
def test_warnings_begin_at_their_limits(cents: int, hour: int, warned: list[str]) -> None:
    found = warnings_of(
        day_cents=cents,
        execution_date=date(2021, 11, 15),
        local_now=datetime(2021, 11, 15, hour),
        limits={"day_eur": 700_000, "latest_hour": 18},
    )
    assert [w.code for w in found] == warned


MANY = """
import sys
from tests.perf.bank_file import peak_megabytes, written_and_checked

written_and_checked(int(sys.argv[1]))
print(peak_megabytes())
"""
LINES_MANY = 100_000
MEGABYTES_MAX = 150


@pytest.mark.feature("M19")
@pytest.mark.feature("D6")
def test_a_hundred_thousand_payments_are_written_and_pass_the_schema_in_bounded_memory() -> None:
    """In a process of its own, whose memory is nobody else's."""
    command = [sys.executable, "-c", MANY, str(LINES_MANY)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < MEGABYTES_MAX
