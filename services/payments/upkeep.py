"""What is done by hand: packages, checks, a bank's large answer, evidence under a new key."""

import hashlib
import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from joserfc.jwk import KeySet
from sqlalchemy.ext.asyncio import AsyncSession

from services.payments import archive
from services.payments.audit import actions as audit
from services.payments.checks import actions as checks
from services.payments.evidence import actions as evidence
from services.payments.signing import Signer
from services.payments.statements import actions as statements
from services.payments.statements.actions import BankFile
from shared.auth import STATE, Grant, Person, Role
from shared.service import FoundWrong, Upkeep

AT_THE_MACHINE = Person("operator", (Grant(Role.AUDITOR, STATE),))
"""Who works at the command line; that a command read is logged under this name."""


async def write_audit_package(
    session: AsyncSession,
    now: datetime,
    order_id: Annotated[str, typer.Argument(help="the order to follow")],
    file: Annotated[Path, typer.Argument(help="the archive to write")],
) -> str:
    """Write the audit package of an order: signatures, evidence, file line, bank line, counts."""
    content = await audit.audit_package(
        session, order_id, session.info["settings"], by=AT_THE_MACHINE, now=now
    )
    file.write_bytes(content)
    return f"{file}: {len(content)} bytes"


async def check_archive(
    session: AsyncSession,
    _now: datetime,
    file: Annotated[
        Path,
        typer.Argument(help="an audit package or a claim package", exists=True, dir_okay=False),
    ],
) -> str:
    """Look whether an archive is whole and signed by our keys; says what it is about."""
    keys = KeySet.import_key_set(Signer.of(session.info["settings"]).published())
    told = archive.checked(file.read_bytes(), keys)
    return archive.as_json(told["about"] | {"files": len(told["files"])}).decode().strip()


async def check_books(session: AsyncSession, now: datetime) -> str:
    """Add the books up again and keep what came of it; one line a comparison, then differences.

    Exits with 3 where they disagree.
    """
    found = await checks.check_books(session, now)
    lines = [
        f"{check.name}: {check.compared} compared, {check.differing} differ" for check in found
    ]
    lines += [
        f"{check.name} {one.thing}: kept {one.kept}, counted {one.counted}"
        for check in found
        for one in check.differences
    ]
    if any(check.differing for check in found):
        return FoundWrong("\n".join([*lines, "THE BOOKS DISAGREE"]))
    return "\n".join([*lines, "the books agree"])


async def take_bank_answer(
    session: AsyncSession,
    now: datetime,
    partner: Annotated[str, typer.Argument(help="registration number of the payment office")],
    file: Annotated[
        Path,
        typer.Argument(help="a pain.002, camt.053 or camt.054 file", exists=True, dir_okay=False),
    ],
) -> str:
    """Take a bank's answer of any size from disk, as the office's own door would."""
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
        content.seek(0)
        came = BankFile(content, file.stat().st_size, digest)
        taken = await statements.take_answer(
            session, partner, came, by=AT_THE_MACHINE.subject, now=now
        )
    return json.dumps({**taken.head, **taken.summary, "repeated": taken.repeated}, indent=1)


async def tell_evidence_again(session: AsyncSession, now: datetime) -> str:
    """Tell what was claimed on evidence again, so that it is known under a new EVIDENCE_KEY too."""
    return f"{await evidence.tell_again(session, now=now)} orders told again"


UPKEEP: dict[str, Upkeep] = {
    "audit": write_audit_package,
    "check-archive": check_archive,
    "check-books": check_books,
    "take-bank-answer": take_bank_answer,
    "tell-evidence-again": tell_evidence_again,
}
