"""Who signs the application, decided by the stored birth date, and what follows."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.builders_identification import (
    AUTUMN,
    OTHER_TEACHER,
    TEACHER,
    Programme,
    a_signature,
)
from tests.integration.identification.facts import said_of


@pytest.mark.feature("P9")
async def test_a_parent_signs_for_a_pupil_who_is_not_of_age(programme: Programme) -> None:
    ref = await programme.pupil(birth_date="1999-09-16", grade=12)
    refused = await programme.refused("/applications", a_signature(ref, "adult_pupil"), by=TEACHER)
    assert refused == ("parent-must-sign", "signer_kind")
    line = a_signature(ref, "parent", signer_name="Līga Ozolzīle")
    (application_id,) = await programme.accepted("/applications", [line], by=TEACHER)
    fact = (await said_of(programme.doors, ref))[-1]
    assert (fact.application_id, str(fact.signer_kind), str(fact.signed_on)) == (
        application_id,
        "parent",
        AUTUMN,
    )
    assert "Ozolz" not in fact.model_dump_json()
    assert fact.version == 2


@pytest.mark.feature("P9")
async def test_a_pupil_of_age_signs_alone_from_the_birthday_on(programme: Programme) -> None:
    ref = await programme.pupil(birth_date="1999-09-15", grade=12)
    refused = await programme.refused("/applications", a_signature(ref, "parent"), by=TEACHER)
    assert refused == ("adult-signs-alone", "signer_kind")
    assert len(await said_of(programme.doors, ref)) == 1
    await programme.accepted("/applications", [a_signature(ref, "adult_pupil")], by=TEACHER)


async def test_the_day_of_signing_counts_not_the_day_of_entering(programme: Programme) -> None:
    ref = await programme.pupil(birth_date="1999-09-15", grade=12)
    signed_before = a_signature(ref, "parent", signed_on="2017-09-14")
    await programme.accepted("/applications", [signed_before], by=TEACHER)


async def test_nothing_is_signed_twice_or_in_the_future(programme: Programme) -> None:
    ref = await programme.pupil()
    tomorrow = a_signature(ref, signed_on="2017-09-16")
    refused = await programme.refused("/applications", tomorrow, by=TEACHER)
    assert refused == ("in-the-future", "signed_on")
    await programme.accepted("/applications", [a_signature(ref)], by=TEACHER)
    refused = await programme.refused("/applications", a_signature(ref), by=TEACHER)
    assert refused == ("already-signed", "pupil_ref")
    refused = await programme.refused("/applications", a_signature(ref), by=OTHER_TEACHER)
    assert refused[0] == "outside-your-organisation"


async def test_a_withdrawn_application_makes_room_for_a_new_one(programme: Programme) -> None:
    ref = await programme.pupil()
    (application_id,) = await programme.accepted("/applications", [a_signature(ref)], by=TEACHER)
    line = {"application_id": application_id, "withdrawn_on": "2017-09-14"}
    refused = await programme.refused("/applications/withdrawals", line, by=TEACHER)
    assert refused == ("withdrawn-before-signed", "withdrawn_on")
    line["withdrawn_on"] = AUTUMN
    await programme.accepted("/applications/withdrawals", [line], by=TEACHER)
    refused = await programme.refused("/applications/withdrawals", line, by=TEACHER)
    assert refused == ("application-not-in-force", "application_id")
    unknown = {**line, "application_id": "application-none"}
    refused = await programme.refused("/applications/withdrawals", unknown, by=TEACHER)
    assert refused == ("unknown-application", "application_id")
    (again,) = await programme.accepted("/applications", [a_signature(ref)], by=TEACHER)
    assert again != application_id
    kinds = [fact.type.split(".")[2] for fact in await said_of(programme.doors, ref)]
    assert kinds == [
        "pupil-enrolled",
        "application-signed",
        "application-withdrawn",
        "application-signed",
    ]


async def test_the_database_too_lets_adults_sign_alone(programme: Programme) -> None:
    ref = await programme.pupil()
    (application_id,) = await programme.accepted("/applications", [a_signature(ref)], by=TEACHER)
    with pytest.raises(IntegrityError, match="applications_adults_sign_alone"):
        async with programme.doors.database.transaction() as session:
            await session.execute(
                text("UPDATE applications SET of_age = true WHERE application_id = :id"),
                {"id": application_id},
            )
