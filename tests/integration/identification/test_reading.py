"""Reading who somebody is: with a right, with a trace, and sealed at rest."""

import pytest

from tests.builders_identification import (
    AUTUMN,
    HEAD,
    OFFICER,
    OTHER_TEACHER,
    REGISTER,
    TEACHER,
    Programme,
    a_pupil,
)


@pytest.mark.feature("I20")
async def test_reading_a_pupil_is_written_down_and_shown_to_the_family(
    programme: Programme,
) -> None:
    ref = await programme.pupil(given_name="Ērika", sex="female")
    line = {"subject": "parent.erika", "role": "parent", "organisation": ref}
    await programme.accepted("/grants", [{**line, "valid_from": "2017-01-01"}], by=OFFICER)
    await programme.doors.get(f"/pupils/{ref}", by=HEAD, at=AUTUMN, reason="parents' evening")
    body = {"refs": [ref], "reason": "class list"}
    names = await programme.doors.send("/names", body, by=TEACHER, at=AUTUMN)
    assert names.json()["names"][ref].startswith("Ērika")
    file = await programme.doors.get(f"/pupils/{ref}/file", by="parent.erika", at=AUTUMN)
    reads = [(read["reader"], read["fields"], read["reason"]) for read in file.json()["reads"]]
    assert (
        HEAD,
        ["birth_date", "family_name", "given_name", "personal_code"],
        "parents' evening",
    ) in reads
    assert (TEACHER, ["name"], "class list") in reads


async def test_a_refused_read_leaves_no_trace_and_tells_nothing(programme: Programme) -> None:
    ref = await programme.pupil()
    nobody = f"p1:{'f' * 32}"
    for asked in (ref, nobody):
        answer = await programme.doors.get(f"/pupils/{asked}", by=OTHER_TEACHER, at=AUTUMN)
        assert (answer.status_code, answer.json()["code"]) == (403, "outside-your-organisation")
    body = {"refs": [ref, nobody], "reason": "curiosity"}
    names = await programme.doors.send("/names", body, by=OTHER_TEACHER, at=AUTUMN)
    assert names.json() == {"names": {}, "closed": sorted([ref, nobody])}
    listed = await programme.doors.get("/pupils", by=OTHER_TEACHER, at=AUTUMN, school_id="east-1")
    assert listed.status_code == 403


async def test_a_school_is_listed_by_reference_page_by_page(programme: Programme) -> None:
    wanted = {await programme.pupil(school_id="east-small") for _ in range(5)}
    found: list[str] = []
    after = ""
    while True:
        page = await programme.doors.get(
            "/pupils", by=REGISTER, at=AUTUMN, school_id="east-small", after=after, limit=2
        )
        found += [pupil["pupil_ref"] for pupil in page.json()["pupils"]]
        after = page.json()["next"] or ""
        if not after:
            break
    assert wanted <= set(found)
    assert found == sorted(set(found))


async def test_who_is_lies_sealed_in_the_database(programme: Programme) -> None:
    line = a_pupil(next(programme.serials), family_name="Zvirbuļpļaviņš")
    await programme.accepted("/pupils", [line], by=REGISTER)
    async with programme.doors.database.transaction() as session:
        connection = await session.connection()
        for table in programme.doors.service.metadata.tables:
            dump = (await connection.exec_driver_sql(f'SELECT t::text FROM "{table}" t')).scalars()
            for row in dump:
                for secret in ("Zvirbuļ", str(line["personal_code"])):
                    assert secret not in row, table
                    assert secret.encode().hex() not in row, table
