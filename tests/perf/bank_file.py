"""The bank file: written, read back, checked against the schema and our rules, in flat memory."""

import asyncio
import sys
from datetime import UTC, date, datetime

from lxml import etree

from services.payments.files.check import SCHEMA, Checker
from services.payments.files.domain import NAMESPACE, Head, Payer, Payment, Writer
from services.payments.payees.iban import fault_of
from tests.money_facts import account
from tests.perf.ground import Ground
from tests.perf.registry import Figure, benchmark

ACCOUNTS = [account(number) for number in range(1_000)]
PIECE = 1_000
LINES = 100_000
BASELINE_LINES = 21_732
"""Payments of the peak year's plans, one each."""

PROGRAM = """
import resource, sys, time
from tests.perf.bank_file import whole_tree, written_and_checked
lines = int(sys.argv[2])
began = time.process_time()
{"ours": written_and_checked, "tree": whole_tree}[sys.argv[1]](lines)
seconds = time.process_time() - began
print(lines / seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def _payments(first: int, last: int) -> list[Payment]:
    """Payments of invented people on invented accounts."""
    return [
        Payment(
            order_id=f"{number:032x}",
            cents=100 + number % 999,
            name="Ģertrūde Šķēle-Ņikuļina",
            iban=ACCOUNTS[number % len(ACCOUNTS)],
            ultimate_debtor="Siguldas pilsētas vidusskola",
            purpose="PuMPuRS ēdināšanai 2021-10 P-1",
            budget_payer="21.2.0.0",
            budget_payee="EKK6200",
            town="Sigulda",
            country="LV",
        )
        for number in range(first, last)
    ]


def _head(lines: int) -> Head:
    cents = sum(100 + number % 999 for number in range(lines))
    payer = Payer("Siguldas novada pašvaldība", "90000048152", ACCOUNTS[0], "TRELLV22")
    return Head("f1", datetime(2021, 11, 15, tzinfo=UTC), date(2021, 11, 16), payer, lines, cents)


def written_and_checked(lines: int) -> None:
    """As payments does it: piece by piece, each piece checked as it is written."""
    writer, checker = Writer(_head(lines)), Checker()
    checker.feed(writer.begin())
    for first in range(0, lines, PIECE):
        checker.feed(writer.write(_payments(first, min(first + PIECE, lines))))
    checker.feed(writer.end())
    assert checker.close() == []
    assert checker.count == lines


def whole_tree(lines: int) -> None:
    """The usual way: a tree of the whole message, validated at the end, then written out."""
    writer = Writer(_head(lines))
    root = etree.fromstring(writer.begin() + b"</PmtInf></CstmrCdtTrfInitn></Document>")
    parent = root.find(f".//{{{NAMESPACE}}}PmtInf")
    assert parent is not None
    for payment in _payments(0, lines):
        assert fault_of(payment.iban) is None
        _add(parent, payment)
    schema = etree.XMLSchema(etree.fromstring(SCHEMA.read_bytes()))
    assert schema.validate(root), schema.error_log
    assert etree.tostring(root, encoding="UTF-8")


def _add(parent: etree._Element, payment: Payment) -> None:
    """One payment, element by element."""

    def put(under: etree._Element, path: str, text: str) -> etree._Element:
        for name in path.split("/"):
            under = etree.SubElement(under, f"{{{NAMESPACE}}}{name}")
        under.text = text
        return under

    paid = etree.SubElement(parent, f"{{{NAMESPACE}}}CdtTrfTxInf")
    put(paid, "PmtId/EndToEndId", payment.order_id)
    put(paid, "Amt/InstdAmt", f"{payment.cents // 100}.{payment.cents % 100:02d}").set("Ccy", "EUR")
    put(paid, "UltmtDbtr/Nm", payment.ultimate_debtor)
    payee = etree.SubElement(paid, f"{{{NAMESPACE}}}Cdtr")
    put(payee, "Nm", payment.name)
    address = etree.SubElement(payee, f"{{{NAMESPACE}}}PstlAdr")
    put(address, "TwnNm", payment.town or "")
    put(address, "Ctry", payment.country or "")
    put(paid, "CdtrAcct/Id/IBAN", payment.iban)
    reported = etree.SubElement(paid, f"{{{NAMESPACE}}}RgltryRptg")
    budget = etree.SubElement(reported, f"{{{NAMESPACE}}}Dtls")
    put(budget, "Inf", payment.budget_payer)
    put(budget, "Inf", payment.budget_payee)
    put(paid, "RmtInf/Ustrd", payment.purpose)


async def _measured(way: str, lines: int) -> tuple[float, float]:
    """Lines a second of processor time and peak megabytes, in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, way, str(lines), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    speed, megabytes = out.decode().split()
    return float(speed), float(megabytes)


@benchmark("bank_file_lines_per_s", "bank_file_peak_mb")
async def bank_file(ground: Ground) -> list[Figure]:
    """100 000 payments, the best of three runs; beside it a tree of the whole message."""
    tree, tree_mb = await _measured("tree", BASELINE_LINES)
    runs = [await _measured("ours", LINES) for _ in range(3)]
    speed, megabytes = max(run[0] for run in runs), max(run[1] for run in runs)
    beside = f"a tree of the whole message, {BASELINE_LINES} lines"
    return [
        Figure("bank_file_lines_per_s", speed, "lines/s", tree, beside, 20_000),
        Figure("bank_file_peak_mb", megabytes, "MB", tree_mb, beside, 150, less_is_better=True),
    ]
