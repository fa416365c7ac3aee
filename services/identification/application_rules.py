"""Who signs the application: a parent until the pupil is of age, then the pupil alone.

Age is counted from the stored birth date on the day of signing; a personal code does not tell it.
"""

from datetime import date
from enum import StrEnum

from services.identification.domain import Identity
from shared.contracts.identification import SignerKind
from shared.errors import NotFound, Refused


class ParentMustSign(Refused):
    """The pupil was under 18 on that day: a parent or other representative signs."""

    code = "parent-must-sign"


class AdultSignsAlone(Refused):
    """The pupil was of age on that day and signs alone."""

    code = "adult-signs-alone"


class AlreadySigned(Refused):
    """A signed application of this pupil is in force."""

    code = "already-signed"


class UnknownApplication(NotFound):
    """There is no application of this id."""

    code = "unknown-application"


class NotInForce(Refused):
    """This application was taken back already."""

    code = "application-not-in-force"


class WithdrawnBeforeSigned(Refused):
    """An application cannot be taken back before it was signed."""

    code = "withdrawn-before-signed"


class State(StrEnum):
    """Where an application stands."""

    SIGNED = "signed"
    WITHDRAWN = "withdrawn"


def check_signer(identity: Identity, signer: SignerKind, *, signed_on: date) -> bool:
    """Whether the pupil was of age; raises ParentMustSign or AdultSignsAlone."""
    adult_from = identity.signs_alone_from
    is_adult = signed_on >= adult_from
    if signer is SignerKind.ADULT_PUPIL and not is_adult:
        raise ParentMustSign(field="signer_kind")
    if signer is SignerKind.PARENT and is_adult:
        raise AdultSignsAlone(field="signer_kind")
    return is_adult


def check_withdrawal(state: str, *, signed_on: date, withdrawn_on: date) -> None:
    """Raise NotInForce or WithdrawnBeforeSigned."""
    if state != State.SIGNED:
        raise NotInForce(field="application_id")
    if withdrawn_on < signed_on:
        raise WithdrawnBeforeSigned(field="withdrawn_on")
