"""What plans knows of a pupil (reference, school, naming, application) and who may get a plan.

Source: domain text 1.2, 2.6, P-1. Pure: plain values in and out.
"""

from dataclasses import dataclass, field
from datetime import date

from shared.errors import NotFound, Refused

PARENT = "parent"


@dataclass(frozen=True)
class Naming:
    """A pupil was named at risk for a semester, or cleared again."""

    semester: str
    risk_groups: tuple[str, ...]
    named_on: date
    cleared: bool


@dataclass(frozen=True)
class Application:
    """A signed application; withdrawn where a day stands."""

    application_id: str
    signer_kind: str
    signed_on: date
    withdrawn_on: date | None

    def stands_on(self, day: date) -> bool:
        """Whether it was signed by that day and not taken back."""
        return self.signed_on <= day and (self.withdrawn_on is None or day < self.withdrawn_on)


@dataclass(frozen=True)
class Pupil:
    """A pupil by reference; `programme` is None where only a later fact was heard yet."""

    pupil_ref: str
    partner: str
    school_id: str
    municipality_id: str
    programme: str | None
    grade: int | None
    sex: str
    signs_alone_from: date | None
    left_on: date | None
    namings: tuple[Naming, ...] = field(default=())
    applications: tuple[Application, ...] = field(default=())

    def naming(self, semester: str) -> Naming | None:
        """The naming of a semester, cleared or not."""
        return next((n for n in self.namings if n.semester == semester), None)


class PupilUnknown(NotFound):
    """This pupil is not known here; the school's register may not have been told yet."""

    code = "pupil-unknown"


class PupilLeft(Refused):
    """The pupil has left school."""

    code = "pupil-left"


class PupilNotNamed(Refused):
    """The pupil was not named at risk for this semester."""

    code = "pupil-not-named"


class PupilCleared(Refused):
    """The pupil is no longer at risk in this semester."""

    code = "pupil-cleared"


class ApplicationNotSigned(Refused):
    """There is no plan without a signed application of the parent or the adult pupil."""

    code = "application-not-signed"


class ApplicationWithdrawn(Refused):
    """The application was taken back."""

    code = "application-withdrawn"


class WrongSigner(Refused):
    """Until 18 a parent signs the application, from 18 the pupil alone."""

    code = "wrong-signer"


def may_get_plan(pupil: Pupil, semester: str, *, on: date) -> Naming:
    """The naming that grounds a new plan; raises the first guard that is broken."""
    may_have_plan(pupil, semester, on=on)
    naming = pupil.naming(semester)
    if naming is None:
        raise PupilNotNamed(field="pupil_ref", semester=semester)
    return naming


def may_have_plan(pupil: Pupil, semester: str, *, on: date) -> None:
    """Guards that hold for a plan carried on as well, where no new naming is asked for."""
    if pupil.left_on is not None and pupil.left_on <= on:
        raise PupilLeft(field="pupil_ref", left_on=pupil.left_on.isoformat())
    if pupil.programme is None or pupil.grade is None:
        raise PupilUnknown(field="pupil_ref")
    naming = pupil.naming(semester)
    if naming is not None and naming.cleared:
        raise PupilCleared(field="pupil_ref", semester=semester)
    signed(pupil, on=on)


def signed(pupil: Pupil, *, on: date) -> Application:
    """The application that stands on a day, signed by whom the pupil's age then asked for."""
    standing = [a for a in pupil.applications if a.stands_on(on)]
    if not standing:
        if any(a.withdrawn_on is not None for a in pupil.applications):
            raise ApplicationWithdrawn(field="pupil_ref")
        raise ApplicationNotSigned(field="pupil_ref")
    for application in sorted(standing, key=lambda a: a.signed_on, reverse=True):
        if rightly_signed(application, pupil.signs_alone_from):
            return application
    raise WrongSigner(
        field="pupil_ref",
        signer=standing[-1].signer_kind,
        signs_alone_from=pupil.signs_alone_from and pupil.signs_alone_from.isoformat(),
    )


def rightly_signed(application: Application, signs_alone_from: date | None) -> bool:
    """Whether the parent signed for a minor, or the adult pupil alone; unknown ages pass."""
    if signs_alone_from is None:
        return True
    adult = signs_alone_from <= application.signed_on
    return adult == (application.signer_kind != PARENT)
