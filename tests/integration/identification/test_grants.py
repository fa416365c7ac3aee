"""Rights given in any order, and rights that end."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from services.identification.grants import settle_overlooked
from tests.builders_identification import (
    AUTUMN,
    HEAD,
    OFFICER,
    REGISTER,
    TEACHER,
    Programme,
    a_grant,
    a_pupil,
    a_school,
    a_staff_member,
)
from tests.integration.identification.facts import said_of


@pytest.mark.feature("P25")
async def test_a_grant_waits_for_school_and_person_and_then_holds(programme: Programme) -> None:
    (answer,) = await programme.doors.lines(
        "/grants",
        [a_grant("early.bird", "preparer", "later-1", grant_id="g-early")],
        by=OFFICER,
        at=AUTUMN,
    )
    assert answer["details"]["state"] == "waiting"
    assert answer["details"]["waits_for"] == ["school:later-1", "staff-of-subject:early.bird"]
    assert await said_of(programme.doors, "grant:g-early") == []
    me = (await programme.doors.get("/me", by="early.bird", at=AUTUMN)).json()
    assert me["grants"] == []
    assert me["waiting"][0]["waits_for"] == ["school:later-1", "staff-of-subject:early.bird"]

    await programme.accepted("/schools", [a_school("later-1")], by=OFFICER)
    listed = await programme.doors.get("/grants", by=OFFICER, state="waiting", at=AUTUMN)
    assert [g["waits_for"] for g in listed.json()["grants"] if g["grant_id"] == "g-early"] == [
        ["staff-of-subject:early.bird"]
    ]

    (staff_ref,) = await programme.accepted(
        "/staff", [a_staff_member(50, "early.bird", "later-1", kind="psychologist")], by=OFFICER
    )
    (fact,) = await said_of(programme.doors, "grant:g-early")
    assert (fact.staff_ref, fact.staff_kind, fact.role) == (staff_ref, "psychologist", "preparer")
    me = (await programme.doors.get("/me", by="early.bird", at=AUTUMN)).json()
    assert [grant["role"] for grant in me["grants"]] == ["preparer"]
    assert me["waiting"] == []


@pytest.mark.feature("P25")
async def test_an_applicant_needs_no_link_and_a_parent_waits_for_the_pupil(
    programme: Programme,
) -> None:
    nobody = f"p1:{'0' * 32}"
    answers = await programme.doors.lines(
        "/grants",
        [
            a_grant("youth.club", "applicant", "99990000047"),
            a_grant("parent.one", "parent", nobody),
            a_grant("office", "payment_officer", "99990009994"),
        ],
        by=OFFICER,
        at=AUTUMN,
    )
    assert [answer["details"]["waits_for"] for answer in answers] == [
        [],
        [f"pupil:{nobody}"],
        ["registration-number:99990009994"],
    ]


@pytest.mark.feature("P25")
async def test_a_parents_grant_holds_once_the_pupil_is_entered(programme: Programme) -> None:
    line = a_pupil(next(programme.serials))
    (ref,) = await programme.accepted("/pupils", [line], by=REGISTER)
    await forget_pupil(programme, ref)
    grant = a_grant("parent.early", "parent", ref, grant_id="g-parent")
    await programme.accepted("/grants", [grant], by=OFFICER)
    assert await said_of(programme.doors, "grant:g-parent") == []
    await programme.accepted("/pupils", [line], by=REGISTER)
    (fact,) = await said_of(programme.doors, "grant:g-parent")
    assert fact.organisation == ref


async def test_a_link_that_was_overlooked_is_seen_a_minute_later(programme: Programme) -> None:
    ref = await programme.pupil()
    grant = a_grant("parent.late", "parent", ref, grant_id="g-late")
    await programme.accepted("/grants", [grant], by=OFFICER)
    database = programme.doors.database
    waits = "UPDATE grants SET state = 'waiting', waits_for = '{pupil:x}' WHERE grant_id = 'g-late'"
    async with database.transaction() as session:
        await session.execute(text(waits))
    async with database.transaction() as session:
        await settle_overlooked(session, datetime(2017, 9, 15, tzinfo=UTC))
    listed = await programme.doors.get("/grants", by=OFFICER, subject="parent.late", at=AUTUMN)
    assert [grant["state"] for grant in listed.json()["grants"]] == ["granted"]


async def forget_pupil(programme: Programme, pupil_ref: str) -> None:
    """As if the pupil had never been entered; only the reference is known then."""
    async with programme.doors.database.transaction() as session:
        for table in ("pupils", "stays"):
            await session.execute(
                text(f"DELETE FROM {table} WHERE pupil_ref = :ref"), {"ref": pupil_ref}
            )


async def test_a_revoked_grant_ends_on_its_day(programme: Programme) -> None:
    line = a_grant("leaving.soon", "head", "west-1", grant_id="g-leaving")
    await programme.accepted("/grants", [line], by=OFFICER)
    end = {"grant_id": "g-leaving", "revoked_on": "2017-10-01", "reason_code": "left"}
    await programme.accepted("/grants/revocations", [end], by=OFFICER)
    await programme.accepted("/grants/revocations", [end], by=OFFICER)
    held = [
        len((await programme.doors.get("/me", by="leaving.soon", at=day)).json()["grants"])
        for day in ("2017-09-30", "2017-10-01")
    ]
    assert held == [1, 0]
    facts = await said_of(programme.doors, "grant:g-leaving")
    assert [fact.type.split(".")[2] for fact in facts] == ["staff-granted", "staff-revoked"]
    assert await programme.refused("/grants", line, by=OFFICER) == ("grant-was-revoked", "grant_id")
    unknown = {**end, "grant_id": "g-nobody"}
    refused = await programme.refused("/grants/revocations", unknown, by=OFFICER)
    assert refused == ("unknown-grant", "grant_id")


async def test_a_head_gives_roles_in_the_own_school_only(programme: Programme) -> None:
    await programme.accepted("/grants", [a_grant(TEACHER, "specialist", "east-1")], by=HEAD)
    for role, organisation in (
        ("specialist", "west-1"),
        ("head", "east-1"),
        ("state_officer", "state"),
        ("payment_officer", "99990009994"),
    ):
        refused = await programme.refused("/grants", a_grant(TEACHER, role, organisation), by=HEAD)
        assert refused[0] == "outside-your-organisation", role


async def test_a_municipality_gives_roles_in_its_schools(programme: Programme) -> None:
    by = "municipality.east"
    await programme.accepted("/grants", [a_grant("new.head", "head", "east-small")], by=by)
    refused = await programme.refused("/grants", a_grant("new.head", "head", "west-1"), by=by)
    assert refused[0] == "outside-your-organisation"


@pytest.mark.parametrize(
    ("role", "organisation", "code"),
    [
        ("king", "state", "unknown-role"),
        ("head", "state", "wrong-organisation"),
        ("state_officer", "east-1", "wrong-organisation"),
        ("municipality_coordinator", "east-1", "wrong-organisation"),
    ],
)
async def test_a_role_belongs_to_a_kind_of_organisation(
    programme: Programme, role: str, organisation: str, code: str
) -> None:
    line = a_grant("somebody", role, organisation)
    assert (await programme.refused("/grants", line, by=OFFICER))[0] == code


async def test_staff_is_known_by_reference_and_read_by_who_may(programme: Programme) -> None:
    line = a_staff_member(60, "new.teacher", "east-1", family_name="Dzērvenīte")
    (ref,) = await programme.accepted("/staff", [line], by=HEAD)
    (again,) = await programme.doors.lines("/staff", [line], by=HEAD, at=AUTUMN)
    assert (again["id"], again["details"]["changed"]) == (ref, False)
    listed = await programme.doors.get("/staff", by=HEAD, at=AUTUMN, school_id="east-1")
    assert ref in {person["staff_ref"] for person in listed.json()["staff"]}
    assert "Dzērvenīte" not in listed.text
    body = {"refs": [ref], "reason": "list of staff"}
    names = await programme.doors.send("/names", body, by=HEAD, at=AUTUMN)
    assert names.json() == {"names": {ref: "Bārbala Dzērvenīte"}, "closed": []}
    hidden = await programme.doors.send("/names", body, by="head.west-1", at=AUTUMN)
    assert hidden.json() == {"names": {}, "closed": [ref]}


async def test_staff_entries_are_checked(programme: Programme) -> None:
    for line, code in (
        (a_staff_member(61, "x.y", "east-1", kind="wizard"), "unknown-staff-kind"),
        (a_staff_member(61, "x.y", "west-1"), "outside-your-organisation"),
        (a_staff_member(61, TEACHER, "east-1"), "subject-taken"),
        ({**a_staff_member(61, "x.y", "east-1"), "personal_code": "12"}, "personal-code-form"),
        (a_staff_member(61, "x.y", "east-1", given_name="123"), "name-unreadable"),
    ):
        assert (await programme.refused("/staff", line, by=HEAD))[0] == code
