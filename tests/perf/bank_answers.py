"""A statement read, matched and applied: from the file on disk to orders settled and facts told."""

import asyncio
import hashlib
import resource
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import asyncpg

from services.payments.app import SERVICE
from services.payments.settings import Settings
from services.payments.statements.actions import BankFile, take_answer
from shared.interpreter import suit_batches
from shared.service import migrate
from shared.settings import Environment
from tests.builders_bank import OWN_ACCOUNT, Paid, balance, entry, message, statement
from tests.money_facts import OFFICE
from tests.perf.ground import BUILD, Ground
from tests.perf.registry import Figure, benchmark

ENTRIES = 100_000
FEW = 5_000
NOW = datetime(2021, 11, 18, 8, tzinfo=UTC)
SEED = """
    INSERT INTO beneficiaries SELECT 'p1:' || lpad(to_hex(n % 20000), 32, '0')
        FROM generate_series(0, 19999) n ON CONFLICT DO NOTHING;
    INSERT INTO orders (order_id, version, state, about_key, partner, municipality_id,
            support_type, month, claim_id, plan_id, plan_version, plan_code, measure_id, pupil_ref,
            school_id, semester, service_date, cents, esf_cents, state_cents, payee_id, payee_kind,
            entered_by, ordered_at, approved_by, approved_at, file_id,
            payee_version)
        SELECT md5(n::text), 4, 'sent', 'p1:' || lpad(to_hex(n % 20000), 32, '0'), '{office}',
            '{office}', 'meals', '2021-10', 'claim-' || n, 'plan-' || n % 20000, 1, 'P-1', 'm',
            'p1:' || lpad(to_hex(n % 20000), 32, '0'), 'sigulda-spvsk', '2021-1', '2021-10-15',
            1234, 1049, 185, 'payee-' || n, 'parent', 'a.teacher', '2021-11-01', 'an.officer',
            '2021-11-02', 'f1', 1
        FROM generate_series({first}, {last}) n;
    INSERT INTO parameters (name, place, valid_from, value, source, approved_by, owner, version)
        VALUES ('payer_account', '{office}', '2017-03-01', '{{"iban": "{account}"}}', 'perf',
            'perf', 'payments', 1)
"""


def a_statement(file: BinaryIO, first: int, last: int) -> None:
    """A statement of the orders of these numbers, as a bank writes it."""
    paid = (
        Paid(_order(number), "12.34", account=OWN_ACCOUNT, text="PuMPuRS 2021-10")
        for number in range(first, last)
    )
    balances = balance("OPBD", "2000000.00") + balance("CLBD", "1.00")
    head, tail = message(statement(["|"], balances=balances)).split(b"|")
    file.write(head)
    file.writelines(entry(one).encode() + b"\n" for one in paid)
    file.write(tail)
    file.seek(0)


def _order(number: int) -> str:
    """The id the seed gave the order of a number."""
    return hashlib.md5(str(number).encode(), usedforsecurity=False).hexdigest()


async def take(url: str, path: str) -> None:
    """Take the file as the door does once it lies on disk; says seconds, CPU seconds and MB."""
    suit_batches()
    database = SERVICE.database(Settings(environment=Environment.TEST, database_url=url))
    with Path(path).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        began, cpu = time.perf_counter(), time.process_time()
        async with database.transaction() as session:
            came = BankFile(file, 0, digest)
            taken = await take_answer(session, OFFICE, came, by="an.officer", now=NOW)
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    assert set(taken.summary["results"]) == {"applied"}, taken.summary
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    sys.stdout.write(f"{taken.summary['results']['applied']} {seconds} {cpu} {peak}\n")
    await database.close()


async def _measured(url: str, first: int, last: int) -> tuple[float, float]:
    """Entries a second and peak megabytes of a process that takes a statement of these orders."""
    path = BUILD / "statement.xml"
    with path.open("wb") as file:
        a_statement(file, first, last)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, url, str(path), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    path.unlink()
    assert process.returncode == 0
    entries, seconds, _, megabytes = out.decode().split()
    return int(entries) / float(seconds), float(megabytes)


@benchmark("camt053_entries_per_s", "camt053_peak_mb")
async def bank_answers(ground: Ground) -> list[Figure]:
    """100 000 entries, the best of two; memory beside that of a file of one twentieth."""
    url = await ground.database("answers")
    await migrate(SERVICE, url)
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    last = FEW + 2 * ENTRIES
    await connection.execute(SEED.format(office=OFFICE, account=OWN_ACCOUNT, first=0, last=last))
    await connection.execute("ANALYZE")
    await connection.close()
    _, few_mb = await _measured(url, 0, FEW)
    runs = [
        await _measured(url, FEW + number * ENTRIES, FEW + (number + 1) * ENTRIES)
        for number in range(2)
    ]
    speed, megabytes = max(run[0] for run in runs), max(run[1] for run in runs)
    beside = f"the same with {FEW} entries"
    return [
        Figure("camt053_entries_per_s", speed, "entries/s", goal=20_000),
        Figure("camt053_peak_mb", megabytes, "MB", few_mb, beside, 250, less_is_better=True),
    ]


if __name__ == "__main__":
    asyncio.run(take(*sys.argv[1:]))
