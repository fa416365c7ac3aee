"""A winner's money: contract, instalments, proof, acceptance, and what comes back."""

import json
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from services.ngo_grants import payments_heard
from services.ngo_grants.payments_heard import UnknownInstalment
from services.ngo_grants.project_rows import UnknownProject
from shared.contracts.payments import (
    ClaimRefused,
    OrderFact,
    PayeeKind,
    PaymentOrdered,
    PaymentRecovered,
    PaymentReturned,
    PaymentSettled,
)
from tests.builders_ngo_grants import (
    ACCEPTING,
    ORGANISER,
    PLACE,
    PROVING,
    SIGNING,
    STATE_OFFICER,
    Grants,
    refused,
)
from tests.doors import told

PROOF = {
    "participants": 24,
    "participants_at_risk": 10,
    "summary": "Visi dalībnieki turpina mācības.",
    "publicity": "Plakāts ar fonda logo pie skolas.",
}
HEARD: dict[type[OrderFact], Any] = {
    PaymentOrdered: payments_heard.hear_ordered,
    PaymentSettled: payments_heard.hear_settled,
    PaymentReturned: payments_heard.hear_returned,
    PaymentRecovered: payments_heard.hear_recovered,
}


def an_order(
    kind: type[OrderFact], project_id: str, *, version: int, number: int | None = 1, **more: Any
) -> OrderFact:
    """What payments say of one instalment."""
    values: dict[str, Any] = {
        "about_key": project_id,
        "partner": PLACE,
        "municipality_id": PLACE,
        "order_id": f"o-{number}",
        "version": version,
        "claim_id": None,
        "plan_id": None,
        "plan_version": None,
        "project_id": project_id,
        "instalment_no": number,
        "measure_id": None,
        "pupil_ref": None,
        "school_id": None,
        "semester": None,
        "support_type": "grant_instalment",
        "month": "2018-11",
        "service_date": date(2018, 11, 30),
        "cents": 414_000,
        "esf_cents": 351_900,
        "state_cents": 62_100,
        "payee_kind": PayeeKind.ORGANISATION,
        "booked_on": date(2018, 12, 3),
        "reason_code": "account-closed",
        **more,
    }
    return kind.model_validate(values)


async def hear(grants: Grants, *facts: OrderFact, at: str = "2018-12-03T10:00:00+00:00") -> None:
    """Let the consumer hear facts, each in a transaction of its own."""
    for fact in facts:
        async with grants.doors.database.transaction() as session:
            await HEARD[type(fact)](session, [told(fact, at=at)])


async def facts_of(grants: Grants, key: str) -> list[tuple[str, dict[str, Any]]]:
    """What was said about a project: type and fact, in order."""
    async with grants.doors.database.transaction() as session:
        rows = await session.execute(
            text("SELECT headers, payload FROM outbox WHERE part_key = :key ORDER BY id"),
            {"key": key},
        )
        return [(_type(headers), json.loads(payload)) for headers, payload in rows]


def _type(headers: bytes) -> str:
    """The short name in a packed envelope."""
    name = bytes(headers).split(b"pumpurs.ngo-grants.")[1]
    return name.split(b".v1")[0].decode()


@pytest.mark.feature("G24")
@pytest.mark.feature("G30")
async def test_a_contract_makes_the_first_instalment_due(grants: Grants) -> None:
    project_id, subject = await grants.a_winner()
    body = {"contract_number": "L-7/2018", "signed_on": SIGNING}
    path = f"/projects/{project_id}/contract"
    future = {**body, "signed_on": "2018-11-17"}
    answer = await grants.doors.send(path, future, by=ORGANISER, at=SIGNING)
    assert refused(answer) == (422, "invalid", "signed_on")
    project = await grants.send(path, body, by=ORGANISER, at=SIGNING)
    assert (project["state"], project["cents"]) == ("contracted", 460_000)
    assert [(i["number"], i["cents"], i["state"]) for i in project["instalments"]] == [
        (1, 414_000, "due"),
        (2, 46_000, "planned"),
    ]
    said = await facts_of(grants, project_id)
    assert [name for name, _ in said] == ["project-contracted", "instalment-due"]
    due = said[1][1]
    assert (due["cents"], due["instalment_no"], due["due_on"]) == (414_000, 1, "2018-11-30")
    assert due["payee_ref"] == project["registration_number"]
    answer = await grants.doors.send(path, body, by=ORGANISER, at=SIGNING)
    assert refused(answer)[:2] == (409, "wrong-move")
    assert (await grants.get(f"/projects/{project_id}", by=subject))["version"] == due["version"]


@pytest.mark.feature("G25")
@pytest.mark.feature("G24")
async def test_an_accepted_proof_releases_the_rest(grants: Grants) -> None:
    project_id, subject = await grants.a_project()
    await hear(
        grants,
        an_order(PaymentOrdered, project_id, version=1),
        an_order(PaymentSettled, project_id, version=3),
    )
    project = await grants.get(f"/projects/{project_id}", by=subject)
    assert (project["state"], project["settled_cents"]) == ("running", 414_000)
    path = f"/projects/{project_id}/proof"
    answer = await grants.doors.send(path, PROOF, by=subject, at="2018-11-19")
    assert refused(answer)[:2] == (409, "proof-too-early")
    silent = {**PROOF, "publicity": " "}
    answer = await grants.doors.send(path, silent, by=subject, at=PROVING)
    assert refused(answer) == (422, "publicity-missing", "publicity")
    await grants.send(path, PROOF, by=subject, at=PROVING)
    check = f"/projects/{project_id}/acceptance"
    answer = await grants.doors.send(check, {"accepted": False}, by=ORGANISER, at=ACCEPTING)
    assert refused(answer)[:2] == (422, "invalid")
    back = {"accepted": False, "comment": "Pievienojiet dalībnieku sarakstu."}
    returned = await grants.send(check, back, by=ORGANISER, at=PROVING)
    assert returned["state"] == "running" and returned["proofs"][0]["accepted"] is False
    await grants.send(path, PROOF, by=subject, at=PROVING)
    accepted = await grants.send(check, {"accepted": True}, by=ORGANISER, at=ACCEPTING)
    assert (accepted["state"], accepted["earned_cents"]) == ("accepted", 460_000)
    assert [(i["number"], i["state"]) for i in accepted["instalments"]] == [
        (1, "settled"),
        (2, "due"),
    ]
    said = await facts_of(grants, project_id)
    assert [name for name, _ in said][2:] == ["project-accepted", "instalment-due"]
    assert said[2][1]["participants_at_risk"] == 10
    assert (said[3][1]["cents"], said[3][1]["due_on"]) == (46_000, "2019-08-21")
    versions = [fact["version"] for _, fact in said]
    assert versions == sorted(versions)


@pytest.mark.feature("G26")
async def test_half_a_result_earns_half_and_the_rest_comes_back(grants: Grants) -> None:
    project_id, subject = await grants.a_project()
    await hear(grants, an_order(PaymentSettled, project_id, version=2))
    half = {**PROOF, "participants": 12, "participants_at_risk": 5}
    await grants.send(f"/projects/{project_id}/proof", half, by=subject, at=PROVING)
    path = f"/projects/{project_id}/acceptance"
    project = await grants.send(path, {"accepted": True}, by=ORGANISER, at=ACCEPTING)
    assert (project["state"], project["earned_cents"]) == ("recovery", 230_000)
    assert project["recovery"]["cents"] == 184_000
    assert project["recovery"]["reason_code"] == "partial-result"
    assert project["instalments"][1]["state"] == "cancelled"
    said = await facts_of(grants, project_id)
    assert [name for name, _ in said][2:] == ["project-accepted", "recovery-due"]
    assert said[3][1]["cents"] == 184_000
    part = an_order(PaymentRecovered, project_id, version=3, cents=100_000)
    rest = an_order(PaymentRecovered, project_id, version=4, cents=84_000)
    await hear(grants, part, part)
    project = await grants.get(f"/projects/{project_id}", by=STATE_OFFICER)
    assert (project["state"], project["recovery"]["recovered_cents"]) == ("recovery", 100_000)
    await hear(grants, rest)
    project = await grants.get(f"/projects/{project_id}", by=STATE_OFFICER)
    assert (project["state"], project["recovery"]["recovered_cents"]) == ("recovered", 184_000)


@pytest.mark.feature("G26")
async def test_an_ended_contract_asks_back_what_was_owed(grants: Grants) -> None:
    project_id, _ = await grants.a_project()
    body = {"reason": "Biedrība likvidēta."}
    project = await grants.send(f"/projects/{project_id}/end", body, by=ORGANISER, at="2019-02-01")
    assert (project["state"], project["earned_cents"]) == ("recovery", 0)
    assert project["recovery"]["cents"] == 414_000
    said = await facts_of(grants, project_id)
    assert said[-1][0] == "recovery-due" and said[-1][1]["reason_code"] == "contract-ended"


async def test_a_returned_payment_is_shown_until_it_is_paid_again(grants: Grants) -> None:
    project_id, subject = await grants.a_project()
    await hear(
        grants,
        an_order(PaymentOrdered, project_id, version=1),
        an_order(PaymentReturned, project_id, version=2),
        an_order(PaymentOrdered, project_id, version=1),
    )
    project = await grants.get(f"/projects/{project_id}", by=subject)
    first = project["instalments"][0]
    assert (first["state"], first["reason_code"]) == ("returned", "account-closed")
    assert project["state"] == "contracted" and project["settled_cents"] == 0
    await hear(grants, an_order(PaymentSettled, project_id, version=3))
    project = await grants.get(f"/projects/{project_id}", by=subject)
    assert (project["state"], project["settled_cents"]) == ("running", 414_000)


async def test_an_instalment_that_payments_refuse_is_owed_no_more(grants: Grants) -> None:
    project_id, subject = await grants.a_project()
    refusal = ClaimRefused(
        about_key=project_id,
        partner=PLACE,
        municipality_id=PLACE,
        claim_id=f"{project_id}/1",
        plan_id=None,
        measure_id=None,
        reason_code="project-ended",
        asked_cents=414_000,
    )
    of_a_pupil = refusal.model_copy(update={"about_key": "p1:0", "claim_id": "c-1"})
    async with grants.doors.database.transaction() as session:
        await payments_heard.hear_refused(session, [told(refusal), told(of_a_pupil)])
    project = await grants.get(f"/projects/{project_id}", by=subject)
    assert project["instalments"][0]["state"] == "refused"


async def test_facts_about_pupils_are_none_of_our_business(grants: Grants) -> None:
    ours = an_order(PaymentSettled, "x", version=1)
    pupil = ours.model_copy(update={"project_id": None, "instalment_no": None, "plan_id": "p"})
    await hear(grants, pupil)


async def test_facts_that_name_no_instalment_of_ours_are_set_aside(grants: Grants) -> None:
    project_id, _ = await grants.a_project()
    with pytest.raises(UnknownProject):
        await hear(grants, an_order(PaymentSettled, "nowhere", version=1))
    for number in (None, 9):
        with pytest.raises(UnknownInstalment):
            await hear(grants, an_order(PaymentSettled, project_id, version=1, number=number))


async def test_only_its_own_people_see_and_change_a_project(grants: Grants) -> None:
    project_id, _ = await grants.a_project()
    _, stranger = await grants.an_applicant()
    await grants.doors.grant("organiser.far", "call_organiser", "90000054572")
    for subject in (stranger, "organiser.far"):
        answer = await grants.doors.get(f"/projects/{project_id}", by=subject, at=SIGNING)
        assert refused(answer)[:2] == (403, "outside-your-organisation")
    for path, body in [
        ("acceptance", {"accepted": True}),
        ("end", {"reason": "tāpat vien"}),
        ("contract", {"contract_number": "1", "signed_on": SIGNING}),
    ]:
        answer = await grants.doors.send(
            f"/projects/{project_id}/{path}", body, by="organiser.far", at=ACCEPTING
        )
        assert refused(answer)[:2] == (403, "outside-your-organisation"), path


async def test_who_files_the_proof_does_not_accept_it(grants: Grants) -> None:
    project_id, subject = await grants.a_project()
    await grants.doors.grant(subject, "call_organiser", PLACE)
    await grants.send(f"/projects/{project_id}/proof", PROOF, by=subject, at=PROVING)
    path = f"/projects/{project_id}/acceptance"
    answer = await grants.doors.send(path, {"accepted": True}, by=subject, at=ACCEPTING)
    assert refused(answer)[:2] == (409, "conflict-of-interest")


async def test_a_project_paid_only_for_results_runs_from_its_contract(grants: Grants) -> None:
    value = {
        "name": "instalment_shares",
        "place": PLACE,
        "value": [{"permille": 1000, "after": "acceptance"}],
        "valid_from": "2018-01-01",
        "valid_to": "2018-12-31",
        "source": "nolikum, test",
    }
    await grants.send("/parameters", value, by=STATE_OFFICER, at=SIGNING, method="PUT")
    project_id, subject = await grants.a_project()
    project = await grants.get(f"/projects/{project_id}", by=subject)
    assert project["state"] == "running"
    assert [(i["cents"], i["state"]) for i in project["instalments"]] == [(460_000, "planned")]
    assert [name for name, _ in await facts_of(grants, project_id)] == ["project-contracted"]
