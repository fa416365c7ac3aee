"""What identification says: pupils by reference only, and the registers everybody projects.

Names, personal codes, birth dates and risk factors never leave identification.
"""

from enum import StrEnum
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.base import (
    Cleanup,
    Code,
    Day,
    Fact,
    Instant,
    PupilRef,
    RegistrationNumber,
    Semester,
    StaffRef,
    Topic,
)

PUPILS = Topic(
    "identification.pupils.v1",
    owner="identification",
    about="pupils by reference: enrolment, days away, risk, application",
    key="pupil_ref",
    readers=("plans", "payments", "reporting"),
)
REGISTERS = Topic(
    "identification.registers.v1",
    owner="identification",
    about="reference data: municipalities, schools, semesters, staff grants, programme parameters",
    key="register_key",
    partitions=1,
    cleanup=Cleanup.COMPACT,
    readers=("plans", "payments", "ngo_grants", "reporting", "reporting-national"),
)


class Programme(StrEnum):
    """Kind of education programme a pupil follows."""

    GENERAL = "general"
    VOCATIONAL = "vocational"


class RiskGroup(StrEnum):
    """The four groups of risks; the factors behind them stay in identification."""

    LEARNING = "R1"
    SOCIAL_HEALTH = "R2"
    ECONOMIC = "R3"
    FAMILY = "R4"


class Sex(StrEnum):
    """As recorded by the school; unknown where the register does not say."""

    FEMALE = "female"
    MALE = "male"
    UNKNOWN = "unknown"


class PupilFact(Fact):
    """What all facts about a pupil carry."""

    topic: ClassVar[Topic] = PUPILS
    key_field: ClassVar[str] = "pupil_ref"

    pupil_ref: PupilRef
    partner: RegistrationNumber
    school_id: Code
    municipality_id: RegistrationNumber
    version: int = Field(ge=1, description="grows with every fact about this pupil")


class PupilEnrolled(PupilFact):
    """A pupil was entered in a school's register."""

    type: ClassVar[str] = "pumpurs.identification.pupil-enrolled.v1"

    programme: Programme
    grade: int = Field(ge=1, le=12, description="grade, or course in vocational programmes")
    sex: Sex
    signs_alone_from: Day | None = Field(description="day of the 18th birthday")
    valid_from: Day


class PupilMoved(PupilFact):
    """A pupil changed school; school_id, municipality_id and partner are the new ones."""

    type: ClassVar[str] = "pumpurs.identification.pupil-moved.v1"

    from_school_id: Code
    from_municipality_id: RegistrationNumber
    from_partner: RegistrationNumber
    programme: Programme
    grade: int = Field(ge=1, le=12)
    sex: Sex
    signs_alone_from: Day | None
    valid_from: Day


class PupilPromoted(PupilFact):
    """A pupil entered another grade or course of the same school."""

    type: ClassVar[str] = "pumpurs.identification.pupil-promoted.v1"

    programme: Programme
    grade: int = Field(ge=1, le=12)
    valid_from: Day


class PupilLeft(PupilFact):
    """A pupil left school."""

    type: ClassVar[str] = "pumpurs.identification.pupil-left.v1"

    left_on: Day


class RiskSignalled(PupilFact):
    """A rule or a teacher proposed a pupil; a person has still to look."""

    type: ClassVar[str] = "pumpurs.identification.risk-signalled.v1"

    semester: Semester
    rule_id: Code
    rule_version: int
    source_data_at: Instant


class PupilNamed(PupilFact):
    """A second person confirmed that a pupil is at risk; groups only, never factors."""

    type: ClassVar[str] = "pumpurs.identification.pupil-named.v1"

    semester: Semester
    programme: Programme
    grade: int = Field(ge=1, le=12)
    risk_groups: tuple[RiskGroup, ...] = Field(min_length=1)
    named_on: Day


class PupilCleared(PupilFact):
    """A named pupil is no longer at risk in this semester."""

    type: ClassVar[str] = "pumpurs.identification.pupil-cleared.v1"

    semester: Semester
    reason_code: Code


class SignerKind(StrEnum):
    """Who signed the application."""

    PARENT = "parent"
    ADULT_PUPIL = "adult_pupil"


class ApplicationSigned(PupilFact):
    """The application for support was signed by a parent or by the adult pupil."""

    type: ClassVar[str] = "pumpurs.identification.application-signed.v1"

    application_id: Code
    signer_kind: SignerKind
    signed_on: Day


class ApplicationWithdrawn(PupilFact):
    """The signed application was taken back."""

    type: ClassVar[str] = "pumpurs.identification.application-withdrawn.v1"

    application_id: Code
    withdrawn_on: Day


class RegisterFact(Fact):
    """What all facts of the registers carry; the last one of a key is the state."""

    topic: ClassVar[Topic] = REGISTERS
    key_field: ClassVar[str] = "register_key"

    register_key: str = Field(min_length=3, max_length=300, description="kind:id of the entry")
    version: int = Field(ge=1)


class TerritoryCode(BaseModel):
    """One code of a territory with its validity (part of a register entry)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    code: str = Field(pattern=r"^\d{7}$")
    valid_from: Day | None
    valid_to: Day | None


class MunicipalityRegistered(RegisterFact):
    """A municipality was entered or changed; codes are dated attributes, the number is the key."""

    type: ClassVar[str] = "pumpurs.identification.municipality-registered.v1"

    municipality_id: RegistrationNumber
    name_lv: str = Field(min_length=1, max_length=200)
    name_en: str = Field(min_length=1, max_length=200)
    codes: tuple[TerritoryCode, ...]
    successor_id: RegistrationNumber | None
    valid_from: Day | None
    valid_to: Day | None
    partner_since: Day | None = Field(description="start of the cooperation contract, if any")


class SchoolRegistered(RegisterFact):
    """A school was entered or changed."""

    type: ClassVar[str] = "pumpurs.identification.school-registered.v1"

    school_id: Code
    name_lv: str = Field(min_length=1, max_length=200)
    name_en: str = Field(min_length=1, max_length=200)
    school_kind: Code
    institution_type: Literal["general", "vocational", "general_with_vocational"]
    partner: RegistrationNumber
    municipality_id: RegistrationNumber
    state_vocational: bool = Field(description="true: no municipal step, its own partner")
    status: Literal["involved", "planned", "closed"]
    valid_from: Day
    valid_to: Day | None


class StaffGranted(RegisterFact):
    """A person was given a role in an organisation for a period."""

    type: ClassVar[str] = "pumpurs.identification.staff-granted.v1"

    grant_id: Code
    subject: str = Field(min_length=1, max_length=200, description="sub of the sign-in token")
    staff_ref: StaffRef | None
    role: Code
    organisation: Code = Field(description="registration number, school id, or 'state'")
    staff_kind: Code | None = Field(description="provider kind: teacher, psychologist, ...")
    valid_from: Day
    valid_to: Day | None


class StaffRevoked(RegisterFact):
    """A grant ended."""

    type: ClassVar[str] = "pumpurs.identification.staff-revoked.v1"

    grant_id: Code
    revoked_on: Day
    reason_code: Code


class ParameterSet(RegisterFact):
    """A parameter of the programme got a value from a day on, by an approver, with a source."""

    type: ClassVar[str] = "pumpurs.identification.parameter-set.v1"

    name: Code
    place: str = Field(description="'state', a registration number or a school id")
    value: Any
    valid_from: Day | None
    valid_to: Day | None
    source: str = Field(max_length=300)
    approved_by: str = Field(max_length=200)
