"""The youth call of Rēzekne: applications, evaluators, a contract, a lump sum in two parts."""

from datetime import date, timedelta
from typing import Any

from deploy.demo import people
from deploy.demo.book import Book, at
from deploy.demo.client import side_by_side, until
from deploy.demo.money_stage import pay_office
from deploy.demo.scenario import place
from shared.money import euro

WHERE = place(people.YOUTH_PLACE)
CALL = WHERE.youth_call or {}
OPENS = date.fromisoformat(CALL["announced"])
CLOSES = date.fromisoformat(CALL["filing_until"])
MARKED = CLOSES + timedelta(days=12)
DECIDED = CLOSES + timedelta(days=20)
SIGNED = date(2018, 12, 10)
STARTS, ENDS = date(2018, 12, 12), date(2019, 5, 31)
ACCEPTED = date(2019, 6, 10)
POINTS = (("4.5", "4", "5"), ("3.5", "2.5", "3"))
"""Points each evaluator gives to every criterion of the first and of the second application."""


class WrongOutcome(AssertionError):
    """The call did not end as its marks and its quota say."""


async def decide(book: Book) -> None:
    """From the announcement to the signed contract; the first part becomes due."""
    call_id = await _opened(book)
    applications = [await _filed(book, call_id, number) for number in range(CALL["applications"])]
    await _command(book, f"calls/{call_id}/closing", None, people.ORGANISER, CLOSES, days=1)
    await _marked(book, call_id, applications)
    decision = await _command(
        book, f"calls/{call_id}/decision", {"remarks": "by the ranking"}, people.ORGANISER, DECIDED
    )
    _as_expected(decision)
    book.extra["call"], book.extra["project"] = call_id, applications[0]
    await book.doors.all_accepted(
        "payments:/payees",
        [_payee()],
        by=people.officers(WHERE)[0],
        at=at(SIGNED, 9),
        key="ngo payee",
    )
    contract = {"contract_number": "2018/1", "signed_on": SIGNED.isoformat()}
    await _command(book, f"projects/{applications[0]}/contract", contract, people.ORGANISER, SIGNED)
    protocol = await book.doors.read(
        f"ngo_grants:/calls/{call_id}/protocol", by=people.ORGANISER, at=at(DECIDED, 17)
    )
    book.diary.save_report("youth-call-protocol.txt", protocol["text"])
    book.diary.note(
        f"youth call decided: {decision['approved']} of {len(applications)} approved, "
        f"quota {CALL['quota']}"
    )


async def _command(
    book: Book, path: str, body: Any, by: str, day: date, *, days: int = 0, hour: int = 12
) -> Any:
    return await book.doors.command(
        f"ngo_grants:/{path}",
        body,
        by=by,
        at=at(day + timedelta(days=days), hour),
        key=f"ngo:{path}:{by}",
    )


async def _opened(book: Book) -> str:
    wanted = {
        "municipality_id": people.municipality(WHERE),
        "opens_on": OPENS.isoformat(),
        "closes_on": CLOSES.isoformat(),
        "quota": CALL["quota"],
        "nolikum_version": "1",
    }
    made = await _command(book, "calls", wanted, people.ORGANISER, OPENS, days=-7)
    call_id: str = made["call_id"]
    book.extra["criteria"] = [leaf["code"] for leaf in made["rules"]["criteria"]["leaves"]]
    await _command(book, f"calls/{call_id}/publication", None, people.ORGANISER, OPENS, hour=8)
    return call_id


async def _filed(book: Book, call_id: str, number: int) -> str:
    """One organisation enters itself, fills in the form and files it."""
    applicant = people.applicants()[number]
    day = OPENS + timedelta(days=14 + number)
    organisation = {
        "registration_number": applicant.number,
        "name": applicant.name,
        "kind": "association",
        "youth_work": "meets young people twice a week",
    }
    await _command(book, "applicants", organisation, applicant.subject, day)
    draft = {"call_id": call_id, "registration_number": applicant.number, "form": _form(number)}
    made = await _command(book, "applications", draft, applicant.subject, day)
    application_id: str = made["application_id"]
    path = f"applications/{application_id}/submission"
    await _command(book, path, None, applicant.subject, day, hour=13)
    return application_id


def _form(number: int) -> dict[str, Any]:
    return {
        "title": ("Learning to cook for a class", "A song contest of two schools")[number],
        "aims": ["raise_motivation", "active_participation"],
        "activities": [
            {
                "what": "a meeting every week",
                "place": "youth centre",
                "starts_on": STARTS.isoformat(),
                "ends_on": ENDS.isoformat(),
            }
        ],
        "participants_total": CALL["participants"],
        "participants_at_risk": CALL["participants_at_risk"],
        "grades_from": 5,
        "grades_to": 12,
        "youth_role": {"idea": "theirs", "planning": "by them", "running": "by them"},
        "plan_link": "second aim of the municipality's plan",
        "expected_results": "all participants stay at school until the summer",
        "publicity": "posters with the marks of the fund",
        "starts_on": STARTS.isoformat(),
        "ends_on": ENDS.isoformat(),
    }


async def _marked(book: Book, call_id: str, applications: list[str]) -> None:
    """Name the committee; each member declares, then marks."""
    members = [{"subject": one, "name": f"Evaluator {one}"} for one in people.EVALUATORS]
    committee = f"calls/{call_id}/committee"
    await _command(book, committee, {"members": members}, people.ORGANISER, CLOSES, days=2)
    await side_by_side(
        *(_member_marks(book, call_id, applications, n) for n in range(len(people.EVALUATORS)))
    )


async def _member_marks(book: Book, call_id: str, applications: list[str], number: int) -> None:
    subject = people.EVALUATORS[number]
    criteria = book.extra["criteria"]
    assert isinstance(criteria, list)
    await _command(book, f"calls/{call_id}/declarations", {"interests": []}, subject, MARKED)
    lines = [
        {"application_id": application, "criterion": code, "points": points[number]}
        for application, points in zip(applications, POINTS, strict=True)
        for code in criteria
    ]
    await book.doors.all_accepted(
        f"ngo_grants:/calls/{call_id}/marks",
        lines,
        by=subject,
        at=at(MARKED, 14),
        key=f"ngo marks:{subject}",
    )


def _as_expected(decision: dict[str, Any]) -> None:
    if decision["approved"] != CALL["approved"]:
        raise WrongOutcome(f"{decision['approved']} approved, not {CALL['approved']}")


def _payee() -> dict[str, Any]:
    applicant = people.applicants()[0]
    return {
        "payee_id": applicant.number,
        "partner": people.partner(WHERE),
        "kind": "organisation",
        "name": applicant.name,
        "account": people.applicant_account(),
        "code": applicant.number,
    }


async def ordered(book: Book) -> None:
    """Wait until payments has made an order of the first part."""
    await _instalments(book, SIGNED, {1: "ordered"})


async def finish(book: Book) -> None:
    """Proof, acceptance, and the second part paid."""
    project = book.extra["project"]
    await _instalments(book, ENDS, {1: "settled"})
    proof = {
        "participants": CALL["participants"],
        "participants_at_risk": CALL["participants_at_risk"],
        "summary": "all meetings took place",
        "publicity": "photographs of the posters",
    }
    applicant = people.applicants()[0].subject
    await _command(book, f"projects/{project}/proof", proof, applicant, ENDS, days=3)
    accepted = {"accepted": True}
    await _command(book, f"projects/{project}/acceptance", accepted, people.ORGANISER, ACCEPTED)
    await _instalments(book, ACCEPTED, {1: "settled", 2: "ordered"})
    await pay_office(book, WHERE, ACCEPTED, "youth")
    shown = await _instalments(book, ACCEPTED, {1: "settled", 2: "settled"})
    if shown["settled_cents"] != CALL["grant_cents"]:
        raise WrongOutcome(f"{shown['settled_cents']} cents were paid")
    book.diary.note(f"youth project accepted and paid: {euro(shown['settled_cents'])} EUR")


async def _instalments(book: Book, day: date, wanted: dict[int, str]) -> dict[str, Any]:
    """Wait until the parts of the lump sum stand where they should."""

    async def look() -> dict[str, Any]:
        shown: dict[str, Any] = await book.doors.read(
            f"ngo_grants:/projects/{book.extra['project']}", by=people.ORGANISER, at=at(day, 18)
        )
        return shown

    def stand(shown: dict[str, Any]) -> bool:
        states = {part["number"]: part["state"] for part in shown["instalments"]}
        return all(states.get(number) == state for number, state in wanted.items())

    return await until(look, stand, f"parts of the youth project stand at {wanted}")
