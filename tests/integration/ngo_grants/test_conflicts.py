"""What a member has an interest in does not exist for them: no row, no count, no average."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute

from shared.auth import Role
from shared.registration_number import is_registration_number
from shared.web import Needs
from tests.builders_ngo_grants import (
    CLOSING,
    DECIDING,
    EVALUATORS,
    MARKING,
    ORGANISATIONS,
    ORGANISER,
    SECOND_ORGANISER,
    Grants,
    refused,
    sheet,
)
from tests.doors import MakeDoors

MEMBER = EVALUATORS[0]
ONE, TWO, HIDDEN = next(ORGANISATIONS), next(ORGANISATIONS), next(ORGANISATIONS)
PUBLIC_AFTER_DECISION = "/results"


@pytest.fixture(scope="module")
async def worlds(service_doors: MakeDoors) -> tuple[Grants, Grants]:
    """Two databases with the same people: in the first the hidden application is filed."""
    return (
        await Grants(await service_doors("ngo_grants")).open(),
        await Grants(await service_doors("ngo_grants")).open(),
    )


async def a_story(world: Grants, *, hidden: bool) -> tuple[str, list[str]]:
    """A call up to full marks; the hidden application, where filed, would win."""
    call_id = await world.a_call(quota=1)
    numbers = [ONE, HIDDEN, TWO] if hidden else [ONE, TWO]
    filed = {}
    for number in numbers:
        applicant = await world.an_applicant(number=number, name=f"Biedrība {number}")
        filed[number] = await world.an_application(call_id, applicant=applicant)
    members = [{"subject": e, "name": f"Vārds {e}"} for e in (*EVALUATORS, "evaluator.four")]
    await world.doors.grant("evaluator.four", Role.EVALUATOR, "90000025465")
    await world.close(call_id, declare=False, members=members)
    await world.declare(call_id, MEMBER, HIDDEN)
    for evaluator in (*EVALUATORS[1:], "evaluator.four"):
        await world.declare(call_id, evaluator)
    await world.mark(call_id, filed[ONE], sheet("4"), by=EVALUATORS)
    await world.mark(call_id, filed[TWO], sheet("4.5"), by=EVALUATORS)
    if hidden:
        await world.mark(call_id, filed[HIDDEN], sheet("5"), by=(*EVALUATORS[1:], "evaluator.four"))
    return call_id, [f"{call_id}-{number}-1" for number in (ONE, TWO, HIDDEN)]


def readable(world: Grants) -> Iterator[str]:
    """Every path a member of a committee may ask for."""
    for router in world.doors.service.routers:
        for route in router.routes:
            assert isinstance(route, APIRoute)
            calls: list[object] = [d.call for d in route.dependant.dependencies]
            needs = next(call for call in calls if isinstance(call, Needs))
            member = not needs.roles or Role.EVALUATOR in needs.roles
            if "GET" in (route.methods or ()) and member:
                yield route.path


async def everything(world: Grants, call_id: str, ids: list[str]) -> dict[str, Any]:
    """All answers the member gets, by path."""
    answers = {}
    for path in readable(world):
        for application_id in ids if "{application_id}" in path else [""]:
            asked = path.format(call_id=call_id, application_id=application_id, kind="statutes")
            params = {"call_id": call_id} if path == "/applications" else {}
            answer = await world.doors.get(asked, by=MEMBER, at=DECIDING, **params)
            answers[asked] = (answer.status_code, answer.text)
    return answers


async def marking(world: Grants, call_id: str, ids: list[str]) -> Any:
    """What the member is told when marking everything, what is hidden included."""
    lines = [{"application_id": i, "criterion": "2.1", "half_points": 8} for i in ids]
    return await world.doors.lines(f"/calls/{call_id}/marks", lines, by=MEMBER, at=MARKING)


@pytest.mark.feature("D17")
@pytest.mark.feature("G16")
@pytest.mark.feature("N15")
async def test_every_answer_is_the_same_with_and_without_what_is_hidden(
    worlds: tuple[Grants, Grants],
) -> None:
    stories = [
        await a_story(world, hidden=hidden)
        for world, hidden in zip(worlds, (True, False), strict=True)
    ]
    assert stories[0] == stories[1]
    call_id, ids = stories[0]
    blind = [await everything(world, call_id, ids) for world in worlds]
    assert blind[0] == blind[1]
    assert [await marking(w, call_id, ids) for w in worlds].count(
        await marking(worlds[0], call_id, ids)
    ) == 2
    path = f"/calls/{call_id}/discussion"
    for world in worlds:
        await world.send(path, {}, by=ORGANISER, at=DECIDING)
    talking = [await everything(world, call_id, ids) for world in worlds]
    assert talking[0] == talking[1]
    status, text = talking[0][f"/calls/{call_id}/ranking"]
    assert status == 200 and HIDDEN not in text and TWO in text
    assert HIDDEN not in talking[0][f"/calls/{call_id}/protocol"][1]
    for world in worlds:
        await world.decide(call_id)
    after = [await everything(world, call_id, ids) for world in worlds]
    assert after[0].pop(PUBLIC_AFTER_DECISION) != after[1].pop(PUBLIC_AFTER_DECISION)
    assert after[0] == after[1]
    real = await worlds[0].get(f"/calls/{call_id}/ranking", by=ORGANISER)
    assert real["rows"][0]["application_id"] == ids[2]


async def a_shared_thing(grants: Grants, shared: str) -> tuple[tuple[str, str], dict[str, Any]]:
    """An applicant and a member who share something."""
    employer = next(ORGANISATIONS)
    people = {
        "colleague": [{"kind": "board", "name": "Jānis", "employer": employer}],
        "household": [{"kind": "contact", "name": "J", "household": "Liepu iela 3, Rēzekne"}],
    }.get(shared, [])
    applicant = await grants.an_applicant(people=people)
    if shared == "registration number":
        await grants.doors.grant(MEMBER, Role.APPLICANT, applicant[0])
    known: dict[str, dict[str, Any]] = {
        "employer": {"employers": [applicant[0]]},
        "colleague": {"employers": [employer]},
        "household": {"household": "  liepu IELA 3,  Rēzekne"},
    }
    return applicant, {"subject": MEMBER, "name": "A", **known.get(shared, {})}


@pytest.mark.feature("G15")
@pytest.mark.feature("G7")
@pytest.mark.feature("D18")
@pytest.mark.parametrize("shared", ["registration number", "employer", "colleague", "household"])
async def test_who_shares_something_with_the_applicant_cannot_be_assigned(
    grants: Grants, shared: str
) -> None:
    call_id = await grants.a_call()
    applicant, member = await a_shared_thing(grants, shared)
    one = await grants.an_application(call_id, applicant=applicant)
    free = await grants.an_application(call_id)
    others = [{"subject": e, "name": e} for e in EVALUATORS[1:]]
    await grants.close(call_id, members=[member, *others])
    proposed = await grants.get(f"/calls/{call_id}/committee", by=ORGANISER)
    pairs = [(c["application_id"], c["subject"]) for c in proposed["conflicts"]]
    assert pairs == [(one, MEMBER)]
    lines = [
        {"application_id": one, "evaluator": MEMBER},
        {"application_id": one, "evaluator": EVALUATORS[1]},
        {"application_id": free, "evaluator": MEMBER},
        {"application_id": one, "evaluator": "nobody"},
    ]
    path = f"/calls/{call_id}/assignments"
    answers = await grants.doors.lines(path, lines, by=ORGANISER, at=CLOSING)
    assert [a["code"] for a in answers] == ["conflict-of-interest", None, None, "not-in-committee"]
    marks = [{"application_id": one, "criterion": "2.1", "points": "4"}]
    path = f"/calls/{call_id}/marks"
    (answer,) = await grants.doors.lines(path, marks, by=MEMBER, at=MARKING)
    assert answer["code"] == "unknown-application"


@pytest.mark.feature("G7")
async def test_an_assigned_application_is_evaluated_by_the_assigned_alone(grants: Grants) -> None:
    call_id = await grants.a_call()
    one = await grants.an_application(call_id)
    members = [{"subject": e, "name": e} for e in (*EVALUATORS, "evaluator.four")]
    await grants.doors.grant("evaluator.four", Role.EVALUATOR, "90000025465")
    await grants.close(call_id, members=members)
    lines = [{"application_id": one, "evaluator": e} for e in EVALUATORS]
    await grants.doors.lines(f"/calls/{call_id}/assignments", lines, by=ORGANISER, at=CLOSING)
    marks = [{"application_id": one, "criterion": "2.1", "points": "4"}]
    path = f"/calls/{call_id}/marks"
    (answer,) = await grants.doors.lines(path, marks, by="evaluator.four", at=MARKING)
    assert answer["code"] == "unknown-application"
    await grants.mark(call_id, one, sheet("5"))
    assert (await grants.decide(call_id))["approved"] == 1


@pytest.mark.feature("G15")
async def test_nothing_is_shown_before_interests_are_declared(grants: Grants) -> None:
    call_id = await grants.a_call()
    one = await grants.an_application(call_id)
    await grants.close(call_id, declare=False)
    for path in (
        f"/calls/{call_id}/ranking",
        f"/calls/{call_id}/marks",
        f"/applications/{one}",
        f"/calls/{call_id}/protocol",
    ):
        answer = await grants.doors.get(path, by=MEMBER, at=MARKING)
        assert refused(answer)[:2] == (409, "declaration-missing"), path
    answer = await grants.doors.get("/applications", by=MEMBER, at=MARKING, call_id=call_id)
    assert refused(answer)[:2] == (409, "declaration-missing")
    body = [{"application_id": one, "criterion": "2.1", "points": "4"}]
    answer = await grants.doors.send(f"/calls/{call_id}/marks", body, by=MEMBER, at=MARKING)
    assert refused(answer)[:2] == (409, "declaration-missing")
    form = await grants.get(f"/calls/{call_id}/declarations", by=MEMBER, at=MARKING)
    assert form["declared"] is False and len(form["organisations"]) == 1


async def test_an_interest_declared_late_makes_marks_void(grants: Grants) -> None:
    call_id = await grants.a_call()
    applicant = await grants.an_applicant()
    one = await grants.an_application(call_id, applicant=applicant)
    await grants.close(call_id)
    await grants.mark(call_id, one, sheet("5"))
    await grants.declare(call_id, MEMBER, applicant[0])
    ranking = await grants.get(f"/calls/{call_id}/ranking", by=ORGANISER)
    assert ranking["rows"][0]["evaluators"] == 2
    answer = await grants.doors.get(f"/applications/{one}", by=MEMBER, at=MARKING)
    assert refused(answer)[:2] == (404, "unknown-application")


@pytest.mark.feature("G17")
async def test_marks_of_others_are_blind_until_the_discussion(grants: Grants) -> None:
    call_id = await grants.a_call()
    one = await grants.an_application(call_id)
    await grants.close(call_id)
    await grants.mark(call_id, one, sheet("4"))
    path = f"/calls/{call_id}/marks"
    own = await grants.get(path, by=MEMBER, at=MARKING)
    assert {m["evaluator"] for m in own["marks"]} == {MEMBER} and len(own["marks"]) == 10
    answer = await grants.doors.get(f"/calls/{call_id}/ranking", by=MEMBER, at=MARKING)
    assert refused(answer)[:2] == (409, "scores-not-open")
    await grants.send(f"/calls/{call_id}/discussion", {}, by=ORGANISER, at=MARKING)
    shown = await grants.get(path, by=MEMBER, at=MARKING)
    assert {m["evaluator"] for m in shown["marks"]} == set(EVALUATORS)
    await grants.mark(call_id, one, {"2.1": "5"}, by=[MEMBER])
    ranking = await grants.get(f"/calls/{call_id}/ranking", by=MEMBER)
    assert ranking["rows"][0]["criteria_points"]["2.1"] == "4.33"


async def test_an_organiser_in_the_committee_sees_no_more_than_a_member(grants: Grants) -> None:
    call_id = await grants.a_call()
    applicant = await grants.an_applicant()
    one = await grants.an_application(call_id, applicant=applicant)
    await grants.doors.grant(SECOND_ORGANISER, Role.EVALUATOR, "90000025465")
    members = [{"subject": s, "name": s} for s in (*EVALUATORS, SECOND_ORGANISER)]
    await grants.close(call_id, members=members)
    await grants.declare(call_id, SECOND_ORGANISER, applicant[0])
    for path in (f"/applications/{one}", f"/applications/{one}/history"):
        answer = await grants.doors.get(path, by=SECOND_ORGANISER, at=MARKING)
        assert refused(answer)[:2] == (404, "unknown-application")
    body = {"criterion": "1.4", "reason": "Mērķa grupa neatbilst."}
    path = f"/applications/{one}/refusal"
    answer = await grants.doors.send(path, body, by=SECOND_ORGANISER, at=MARKING)
    assert refused(answer)[:2] == (404, "unknown-application")
    people = f"/applicants/{applicant[0]}/people"
    answer = await grants.doors.get(people, by=SECOND_ORGANISER, at=MARKING, reason="zvans")
    assert refused(answer)[:2] == (403, "outside-your-organisation")
    committee = await grants.get(f"/calls/{call_id}/committee", by=SECOND_ORGANISER)
    assert committee["conflicts"] == []


async def test_a_stranger_is_no_member(grants: Grants) -> None:
    call_id = await grants.a_call()
    await grants.close(call_id)
    await grants.doors.grant("evaluator.far", Role.EVALUATOR, "90000054572")
    await grants.doors.grant("evaluator.near", Role.EVALUATOR, "90000025465")
    body: dict[str, Any] = {"interests": []}
    path = f"/calls/{call_id}/declarations"
    answer = await grants.doors.send(path, body, by="evaluator.far", at=MARKING)
    assert refused(answer)[:2] == (403, "outside-your-organisation")
    answer = await grants.doors.send(path, body, by="evaluator.near", at=MARKING)
    assert refused(answer)[:2] == (403, "not-in-committee")
    assert is_registration_number("90000025465")
