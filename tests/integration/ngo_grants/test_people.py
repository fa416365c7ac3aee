"""Names live sealed, every look is written down, and old ones are erased with proof."""

import pytest

from tests.builders_ngo_grants import (
    ACCEPTING,
    AUDITOR,
    CLOSING,
    EVALUATORS,
    FILING,
    ORGANISER,
    STATE_OFFICER,
    Grants,
    refused,
    sheet,
)

NAME = "Anna Paraudziņa"
PEOPLE = [
    {"kind": "contact", "name": NAME, "email": "anna@example.org", "phone": "+371 20000000"},
    {"kind": "group_member", "name": "Bruno Paraudziņš"},
]


async def test_names_are_sealed_at_rest_and_never_told(grants: Grants) -> None:
    project_id, _ = await grants.a_project()
    await grants.an_applicant(people=PEOPLE)
    stored = await grants.stored_bytes()
    assert project_id.encode() in stored
    for secret in (NAME, "Bruno", "anna@example.org", "20000000", f"Vārds {EVALUATORS[0]}"):
        assert secret.encode() not in stored


async def test_a_look_at_names_needs_a_reason_and_is_written_down(grants: Grants) -> None:
    call_id = await grants.a_call()
    number, subject = await grants.an_applicant(people=PEOPLE)
    path = f"/applicants/{number}/people"
    answer = await grants.doors.get(path, by=subject, at=FILING)
    assert refused(answer) == (422, "invalid", "reason")
    early = await grants.doors.get(path, by=ORGANISER, at=FILING, reason="zvans par pieteikumu")
    assert refused(early)[:2] == (403, "outside-your-organisation")
    await grants.an_application(call_id, applicant=(number, subject))
    await grants.close(call_id)
    seen = await grants.get(path, by=ORGANISER, at=CLOSING, reason="zvans par pieteikumu")
    assert [p["name"] for p in seen["people"]] == [p["name"] for p in PEOPLE]
    assert seen["people"][0]["email"] == "anna@example.org"
    reads = await grants.get(f"/applicants/{number}/reads", by=subject)
    assert [(r["reader"], r["reason"]) for r in reads["reads"]] == [
        (ORGANISER, "zvans par pieteikumu")
    ] * 2
    plain = await grants.doors.get(f"/applicants/{number}", by=ORGANISER, at=CLOSING)
    assert NAME not in plain.text
    stranger = await grants.an_applicant()
    for door in (path, f"/applicants/{number}"):
        answer = await grants.doors.get(door, by=stranger[1], at=CLOSING, reason="ziņkāre")
        assert refused(answer)[:2] == (403, "outside-your-organisation"), door
    answer = await grants.doors.get(f"/applicants/{number}/reads", by=stranger[1], at=CLOSING)
    assert refused(answer)[:2] == (403, "outside-your-organisation")


@pytest.mark.feature("G28")
async def test_old_names_and_papers_are_erased_with_proof(grants: Grants) -> None:
    call_id = await grants.a_call()
    number, subject = await grants.an_applicant(people=PEOPLE)
    one = await grants.an_application(call_id, applicant=(number, subject))
    await grants.close(call_id)
    await grants.mark(call_id, one, sheet({"2.2": "1"}))
    await grants.decide(call_id)
    order = {"decided_until_year": 2018, "reason": "Glabāšanas termiņš beidzies."}
    answer = await grants.doors.send("/erasures", order, by=STATE_OFFICER, at="2023-12-31")
    assert refused(answer) == (409, "retention-not-over", "decided_until_year")
    erased = await grants.send("/erasures", order, by=STATE_OFFICER, at="2024-01-02")
    assert erased["people"] >= 2 and erased["members"] >= 3
    path = f"/applicants/{number}/people"
    people = await grants.get(path, by=AUDITOR, at="2024-01-03", reason="pārbaude")
    assert [(p["name"], p["email"]) for p in people["people"]] == [(None, None)] * 2
    again = await grants.send("/erasures", order, by=STATE_OFFICER, at="2024-01-03")
    assert again == {"people": 0, "members": 0, "attachments": 0, "appeals": 0}
    proofs = await grants.get("/erasures", by=AUDITOR, at="2024-01-03")
    assert proofs["erasures"][1]["people"] == erased["people"]
    application = await grants.get(f"/applications/{one}", by=subject)
    assert application["state"] == "rejected"
    protocol = await grants.get(f"/calls/{call_id}/protocol", by=ORGANISER, at=ACCEPTING)
    assert EVALUATORS[0] in protocol["text"] and "Vārds" not in protocol["text"]
