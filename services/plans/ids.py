"""Ids and codes made from what they stand for, so that making one again gives the same one."""

import base64
import uuid

_SPACE = uuid.UUID("6f0f4f0e-5b0d-5b57-9a3e-0f8f8d2f8c11")
CODE_LETTERS = 10


def plan_id(pupil_ref: str, school_id: str, semester: str, number: int) -> str:
    """The id of a pupil's n-th plan at a school in a semester."""
    return _named("plan", pupil_ref, school_id, semester, str(number))


def plan_code(plan: str, semester: str) -> str:
    """The code people quote: `IAP-2017-1-7K3QZ-MWA2B`, from the plan's id."""
    letters = base64.b32encode(uuid.UUID(plan).bytes).decode()[:CODE_LETTERS]
    return f"IAP-{semester}-{letters[:5]}-{letters[5:]}"


def consultation_id(plan: str, provider_ref: str, starts_at: str, recorded_at: str) -> str:
    """The id of a consultation by plan, provider, start and when it was written down."""
    return _named("consultation", plan, provider_ref, starts_at, recorded_at)


def order_id(school_id: str, kind: str, number: str, issued_on: str) -> str:
    """The id of an order of a head by its number and day at the school."""
    return _named("head-order", school_id, kind, number, issued_on)


def _named(*parts: str) -> str:
    """A UUID of version 5 over the parts."""
    return str(uuid.uuid5(_SPACE, "|".join(parts)))
