"""The audit package: one order from signatures to the bank's line, in a signed archive."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import KeySet
from sqlalchemy import text

from services.payments import archive
from tests.builders_bank import Paid, a_statement, taken
from tests.builders_partner_reports import DECEMBER, nothing_reported, verified
from tests.builders_payments import Payments
from tests.integration.payments.commands import command
from tests.integration.payments.outbox import said
from tests.integration.payments.test_repairs import a_returned_order, repair
from tests.money_facts import (
    OFFICE,
    OFFICER,
    STATE_OFFICER,
    STRANGER,
    a_claim,
    a_consultation,
    a_step_approved,
    account,
    an_approval,
    an_instalment,
    pupil,
)


async def a_followed_order(payments: Payments) -> str:
    """A consultation paid on a plan whose levels signed one after another; gives the order."""
    pupil_ref, plan_id = pupil(), f"plan-of-{pupil()[-6:]}"
    for step, approver in (("head", "a.head"), ("municipality", "a.coordinator")):
        await payments.hear(a_step_approved(pupil_ref, plan_id, step=step, approver=approver))
    planned = {"m": ("consultation", {"2021-10": 2_500})}
    last: dict[str, Any] = {"step": "state", "approver": "an.officer.of.the.state"}
    await payments.hear(an_approval(pupil_ref, plan_id, planned, **last))
    held = f"held-{plan_id}"
    await payments.hear(a_consultation(pupil_ref, plan_id, held, on="2021-10-05", measure_id="m"))
    evidence = {"kind": "consultation", "consultation_id": held}
    line = a_claim(plan_id, "m", 2_500, evidence=evidence) | {"month": None}
    (answer,) = await payments.claim([line])
    assert answer["status"] == "accepted", answer
    order_id: str = answer["details"]["order_id"]
    await payments.approve_orders(order_id)
    await payments.issue_file()
    await taken(payments, a_statement(Paid(order_id, amount="25.00", bank_ref="REF-OF-BANK")))
    return order_id


def opened(content: bytes) -> dict[str, Any]:
    """The files of an archive, JSON read."""
    with zipfile.ZipFile(io.BytesIO(content)) as files:
        return {
            name: json.loads(files.read(name)) if name.endswith(".json") else files.read(name)
            for name in files.namelist()
        }


@pytest.mark.feature("N28")
async def test_a_payment_is_followed_from_signatures_to_bank_line_and_count(
    payments: Payments,
) -> None:
    await nothing_reported(payments)
    order_id = await a_followed_order(payments)
    await verified(payments, "2021-11", DECEMBER)
    answer = await payments.doors.get(f"/orders/{order_id}/audit", by=STATE_OFFICER)
    assert answer.status_code == 200, answer.text
    keys = KeySet.import_key_set((await payments.doors.get("/signing-keys", by=STRANGER)).json())
    assert archive.checked(answer.content, keys)["about"]["order_id"] == order_id
    found = opened(answer.content)
    assert [(a["step"], a["approver"]) for a in found["plan.json"]["approvals"]] == [
        ("head", "a.head"),
        ("municipality", "a.coordinator"),
        ("state", "an.officer.of.the.state"),
    ]
    assert found["plan.json"]["plan_version"] == found["order.json"]["plan_version"] == 1
    assert found["claim.json"]["consultation"]["minutes"] == 60
    assert (found["order.json"]["entered_by"], found["order.json"]["approved_by"]) == (
        "a.teacher", OFFICER,
    )  # fmt: skip
    line = found["bank-file-line.xml"].decode()
    assert f"<EndToEndId>{order_id}</EndToEndId>" in line and "Anna Bērziņa" in line
    assert ">25.00<" in line and line.count("<CdtTrfTxInf>") == 1
    assert found["bank.json"]["bank_file"]["file_id"] == found["order.json"]["file_id"]
    assert [(r["outcome"], r["cents"]) for r in found["bank.json"]["reports"]] == [
        ("settled", 2_500)
    ]
    (bank_line,) = found["bank.json"]["lines"]
    assert (bank_line["kind"], bank_line["bank_ref"], bank_line["cents"]) == (
        "camt.053", "REF-OF-BANK", 2_500,
    )  # fmt: skip
    assert [(r["period"], r["decision"]) for r in found["partner-report.json"]] == [
        ("2021-11", "accepted")
    ]
    assert {cell["measure"] for cell in found["counted.json"]} == {"ordered_cents", "settled_cents"}
    assert found["counted.json"][0]["period"] == "2021-10m"
    assert found["month.json"]["ordered_cents"] == 2_500


@pytest.mark.feature("N28")
async def test_what_came_after_a_payment_is_followed_in_both_directions(
    payments: Payments,
) -> None:
    returned, _, _ = await a_returned_order(payments)
    answer = await repair(payments, returned, "pay_again")
    again = answer["details"]["new_order_id"]
    await payments.doors.grant("second.officer", "payment_officer", OFFICE)
    await payments.approve_orders(again, by="second.officer")
    await payments.issue_file()
    await taken(payments, a_statement(Paid(again, booked="2021-11-22")))
    demand = {"demand_id": f"demand-of-{again}", "order_id": again, "cents": 1_500}
    demand |= {"reason_code": "not-delivered", "reason": "nav sniegts", "pay_until": "2022-01-31"}
    path = f"/offices/{OFFICE}/demands"
    (asked,) = await payments.doors.lines(path, [demand], by=OFFICER, at="2021-12-06")
    assert asked["status"] == "accepted", asked
    found = {}
    for order_id in (returned, again):
        content = (await payments.doors.get(f"/orders/{order_id}/audit", by=OFFICER)).content
        found[order_id] = opened(content)["afterwards.json"]
    for told in found.values():
        (one,) = told["repairs"]
        assert (one["order_id"], one["new_order_id"], one["decided_by"]) == (
            returned, again, OFFICER,
        )  # fmt: skip
    assert found[returned]["demands"] == []
    assert [(d["cents"], d["entered_by"]) for d in found[again]["demands"]] == [(1_500, OFFICER)]


@pytest.mark.feature("N28")
async def test_the_days_that_were_paid_are_in_the_package(payments: Payments) -> None:
    plan_id = await payments.a_plan({"m": ("meals", {"2021-10": 4_000})})
    days = ["2021-10-04", "2021-10-05"]
    order_id = await payments.an_order(plan_id, "m", 400, month=None, days=days)
    content = (await payments.doors.get(f"/orders/{order_id}/audit", by=OFFICER)).content
    assert [one["day"] for one in opened(content)["days.json"]["days"]] == days


async def test_who_asks_for_an_audit_package_is_written_down(payments: Payments) -> None:
    order_id, _, _ = await payments.an_issued_order()
    await payments.doors.get(f"/orders/{order_id}/audit", by=OFFICER)
    asked = text("SELECT reader FROM read_log WHERE reason = :reason")
    async with payments.doors.database.transaction() as session:
        readers = list(
            await session.scalars(asked, {"reason": f"audit package of order {order_id}"})
        )
    assert readers == [OFFICER]


async def test_an_order_not_in_a_file_yet_has_no_line_and_another_office_sees_nothing(
    payments: Payments,
) -> None:
    plan_id = await payments.a_plan({"m": ("meals", {"2021-10": 900})})
    order_id = await payments.an_order(plan_id, "m", 900)
    answer = await payments.doors.get(f"/orders/{order_id}/audit", by=OFFICER)
    found = opened(answer.content)
    assert "bank-file-line.xml" not in found and found["bank.json"]["bank_file"] is None
    assert account(1) not in answer.content.decode("latin-1")
    refused = await payments.doors.get(f"/orders/{order_id}/audit", by=STRANGER)
    assert refused.json()["code"] == "outside-your-organisation"
    unknown = await payments.doors.get("/orders/nothing/audit", by=OFFICER)
    assert unknown.json()["code"] == "order-unknown"


async def test_a_grants_instalment_can_be_followed_too(payments: Payments) -> None:
    await payments.hear(an_instalment("grant-audited", 1, 414_000))
    order_id = (await said(payments, "grant-audited"))[0][1]["order_id"]
    answer = await payments.doors.get(f"/orders/{order_id}/audit", by=OFFICER)
    found = opened(answer.content)
    assert found["plan.json"] is None and found["claim.json"] is None
    assert (found["counted.json"][0]["level"], found["counted.json"][0]["place"]) == (
        "partner", OFFICE,
    )  # fmt: skip


async def test_an_operator_writes_and_checks_a_package_at_the_command_line(
    payments: Payments, tmp_path: Path
) -> None:
    order_id, _, _ = await payments.an_issued_order()
    file = tmp_path / "audit.zip"
    written = command(payments, "audit", order_id, str(file))
    assert written.returncode == 0, written.stderr
    told = command(payments, "check-archive", str(file))
    assert json.loads(told.stdout)["order_id"] == order_id
    file.write_bytes(file.read_bytes() + b"x")
    refused = command(payments, "check-archive", str(file))
    assert (refused.returncode, refused.stderr.partition(":")[0]) == (1, "archive-faulty")


async def test_not_one_byte_of_an_archive_can_be_changed_unseen(payments: Payments) -> None:
    order_id, _, _ = await payments.an_issued_order()
    whole = (await payments.doors.get(f"/orders/{order_id}/audit", by=OFFICER)).content
    keys = KeySet.import_key_set((await payments.doors.get("/signing-keys", by=OFFICER)).json())
    assert archive.checked(whole, keys)["about"]["order_id"] == order_id
    unseen = []
    for place in range(0, len(whole), 7):
        changed = bytearray(whole)
        changed[place] ^= 1 << place % 8
        try:
            archive.checked(bytes(changed), keys)
        except archive.ArchiveFaulty:
            continue
        unseen.append(place)
    assert unseen == []
    for other in (b"", whole[:-30], b"x" + whole, whole + b"x"):
        with pytest.raises(archive.ArchiveFaulty):
            archive.checked(other, keys)
