"""Reporting in tests: facts about plans, support and payments; the five places; who asks.

People, schools and numbers are those of the demo's invented population, or made up here.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import text

from services.reporting import consumers
from shared import registers
from shared.bus.consume import Consumer
from shared.bus.waves import waves
from shared.contracts.base import Fact, Received
from shared.contracts.catalogue import FACTS
from shared.contracts.identification import (
    MunicipalityRegistered,
    Programme,
    RiskGroup,
    SchoolRegistered,
    Sex,
)
from shared.contracts.payments import PayeeKind, PaymentOrdered
from shared.contracts.plans import (
    ConsultationConfirmed,
    PlanApproved,
    PlanSubmitted,
)
from shared.db import Database
from shared.money import split_esf
from tests.doors import Doors

COUNTS: Consumer = consumers.MUNICIPAL[0]
NATIONAL: Consumer = consumers.NATIONAL[0]
TOWN, OTHER_TOWN = "90000000101", "90000000202"
SCHOOL, SECOND_SCHOOL, OTHER_SCHOOL = "school-one", "school-two", "school-three"
SCHOOLS = {SCHOOL: TOWN, SECOND_SCHOOL: TOWN, OTHER_SCHOOL: OTHER_TOWN}
HEAD, COORDINATOR, OTHER_HEAD, OTHER_COORDINATOR = (
    "head.one",
    "coordinator.one",
    "head.three",
    "coordinator.three",
)
OFFICER = "state.officer"
SEMESTER = "2017-1"
LATER = "2018-09-01"


def pupil(name: str | int) -> str:
    """The reference of an invented pupil."""
    return "p1:" + hashlib.sha256(f"pupil {name}".encode()).hexdigest()[:32]


def staff(name: str | int) -> str:
    """The reference of an invented member of staff."""
    return "s1:" + hashlib.sha256(f"staff {name}".encode()).hexdigest()[:32]


def received(fact: Fact, day: date, *, offset: int = 0) -> Received[Any]:
    """A fact as a consumer gets it, true since noon of a day."""
    return Received(
        fact=fact,
        at=datetime.combine(day, time(12), UTC),
        event_id=f"{fact.type}/{fact.key}/{offset}",
        source="/tests/reporting",
        topic=fact.topic_name,
        partition=0,
        offset=offset,
        partner=fact.about_partner,
    )


def numbered(facts: Iterable[tuple[Fact, date]]) -> list[Received[Any]]:
    """Facts in the order in which they are told, each with its offset."""
    return [received(fact, day, offset=number) for number, (fact, day) in enumerate(facts)]


class Plan:
    """A plan that tells facts; versions count by themselves."""

    def __init__(
        self,
        name: str,
        *,
        who: str | int | None = None,
        school: str = SCHOOL,
        partner: str | None = None,
        municipality: str | None = None,
        semester: str = SEMESTER,
    ) -> None:
        self.version = 0
        town = SCHOOLS.get(school, TOWN)
        self.about = {
            "plan_id": name,
            "plan_code": name,
            "plan_version": 1,
            "pupil_ref": pupil(who if who is not None else name),
            "partner": partner or town,
            "school_id": school,
            "municipality_id": municipality or town,
            "semester": semester,
        }
        self.orders = 0
        self.consultations = 0

    def tells(self, kind: type[Any], **more: Any) -> Any:
        """A fact of the plan under its next version."""
        self.version += 1
        return kind(**self.about, version=self.version, **more)

    def submitted(self) -> PlanSubmitted:
        """It went into the chain."""
        return PlanSubmitted.model_validate(self.tells(PlanSubmitted))

    def approved(self, on: date, **more: Any) -> PlanApproved:
        """All levels approved it."""
        values: dict[str, Any] = {
            "valid_from": on,
            "valid_to": date(on.year + (on.month > 8), 6, 1),
            "programme": Programme.GENERAL,
            "grade": 7,
            "sex": Sex.FEMALE,
            "risk_groups": (RiskGroup.LEARNING,),
            "preparer_ref": staff("preparer"),
            "preparer_kind": "teacher",
            "preparer_school_id": self.about["school_id"],
            "measures": (),
            "preparation_cents_max": 0,
            "follows_plan_id": None,
            "approved_on": on,
        }
        return PlanApproved.model_validate(self.tells(PlanApproved, **(values | more)))

    def consulted(
        self, on: date, *, by: str = "consultant", kind: str = "teacher"
    ) -> ConsultationConfirmed:
        """A consultation was confirmed."""
        self.consultations += 1
        return ConsultationConfirmed.model_validate(
            self.tells(
                ConsultationConfirmed,
                consultation_id=f"{self.about['plan_id']}-c{self.consultations}",
                measure_id="consultations",
                provider_ref=staff(by),
                provider_kind=kind,
                held_on=on,
                minutes=40,
                mode="on_site",
            )
        )

    def ordered(self, kind: str, on: date, cents: int = 2_000) -> PaymentOrdered:
        """A claim was accepted."""
        self.orders += 1
        order_id = f"{self.about['plan_id']}-o{self.orders}"
        fact = self.paid(PaymentOrdered, order_id, kind, on, cents, version=1)
        return PaymentOrdered.model_validate(fact)

    def paid(
        self,
        fact: type[Any],
        order_id: str,
        kind: str,
        on: date,
        cents: int = 2_000,
        *,
        version: int,
        **more: Any,
    ) -> Any:
        """A fact about one of its payment orders."""
        esf, state = split_esf(cents)
        about = self.about
        return fact(
            about_key=about["pupil_ref"],
            partner=about["partner"],
            municipality_id=about["municipality_id"],
            order_id=order_id,
            version=version,
            claim_id=f"claim-{order_id}",
            plan_id=about["plan_id"],
            plan_version=1,
            project_id=None,
            measure_id=kind,
            pupil_ref=about["pupil_ref"],
            school_id=about["school_id"],
            semester=about["semester"],
            support_type=kind,
            month=f"{on:%Y-%m}",
            service_date=on,
            cents=cents,
            esf_cents=esf,
            state_cents=state,
            payee_kind=PayeeKind.PARENT,
            **more,
        )


async def hear(
    database: Database, told: Sequence[Received[Any]], *, consumer: Consumer = COUNTS
) -> None:
    """One batch, applied as the bus does it: wave by wave, then the end of the batch."""
    async with database.transaction() as session:
        for wave in waves(told):
            for kind, of_kind in wave.items():
                if kind in consumer.handles:
                    await consumer.handles[kind](session, of_kind)
        assert consumer.batch_done is not None
        await consumer.batch_done(session, told)


async def aggregates_told(database: Database) -> list[Received[Any]]:
    """What the municipal level put into the outbox, as the national level would hear it."""
    asked = "SELECT id, payload FROM outbox WHERE topic = 'reporting.aggregates.v1' ORDER BY id"
    async with database.transaction() as session:
        rows = (await session.execute(text(asked))).all()
    kinds = {f.__name__: f for f in FACTS.values() if f.topic.name == "reporting.aggregates.v1"}
    found = []
    for row in rows:
        body = json.loads(row.payload)
        kind = kinds["CountedThrough" if "cell" in body else "AggregateCounted"]
        fact = kind.model_validate(body)
        found.append(received(fact, date(2018, 1, 1), offset=row.id))
    return found


async def tell_the_nation(doors: Doors, other: Doors | None = None) -> None:
    """Let the national level hear everything the municipal level said."""
    told = await aggregates_told(doors.database)
    if told:
        await hear((other or doors).database, told, consumer=NATIONAL)


async def register_towns(doors: Doors) -> None:
    """Two towns, their three schools and who may see what."""
    towns = [
        MunicipalityRegistered(
            register_key=f"municipality:{town}",
            version=1,
            municipality_id=town,
            name_lv=name,
            name_en=name,
            codes=(),
            successor_id=None,
            valid_from=None,
            valid_to=None,
            partner_since=date(2017, 3, 1),
        )
        for town, name in ((TOWN, "Pilsēta"), (OTHER_TOWN, "Cita pilsēta"))
    ]
    places = [a_school(school, town) for school, town in SCHOOLS.items()]
    await register(doors, towns, places)
    for who, role, where in (
        (HEAD, "head", SCHOOL),
        (COORDINATOR, "municipality_coordinator", TOWN),
        (OTHER_HEAD, "head", OTHER_SCHOOL),
        (OTHER_COORDINATOR, "municipality_coordinator", OTHER_TOWN),
        (OFFICER, "state_officer", "state"),
        ("auditor", "auditor", "state"),
        ("parent", "parent", "nobody"),
    ):
        await doors.grant(who, role, where)


def a_school(school_id: str, town: str, *, partner: str | None = None) -> SchoolRegistered:
    """A school in the register; with a partner of its own it is a state vocational school."""
    return SchoolRegistered(
        register_key=f"school:{school_id}",
        version=1,
        school_id=school_id,
        name_lv=f"Skola {school_id}",
        name_en=f"School {school_id}",
        school_kind="basic_school",
        institution_type="vocational" if partner else "general",
        partner=partner or town,
        municipality_id=town,
        state_vocational=partner is not None,
        status="involved",
        valid_from=date(2010, 1, 1),
        valid_to=None,
    )


async def register(
    doors: Doors, towns: Sequence[MunicipalityRegistered], schools: Sequence[SchoolRegistered]
) -> None:
    """Write register entries as identification told them."""
    async with doors.database.transaction() as session:
        await registers.keep_municipalities(session, [received(t, date(2017, 1, 1)) for t in towns])
        await registers.keep_schools(session, [received(s, date(2017, 1, 1)) for s in schools])
