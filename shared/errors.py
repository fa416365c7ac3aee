"""Refusals: answers of the programme's rules, each with a stable code and one sentence.

    Refused                     409  a rule says no
    ├── Invalid                 422  a value is not of its form
    ├── NotFound                404  there is no such thing, or not for you
    ├── NotSignedIn             401  no token, or not a valid one
    ├── Forbidden               403  you may not
    │   ├── RoleMissing         403  none of your grants has a role this needs
    │   └── OutsideScope        403  your grants are for other organisations
    ├── FourEyes                409  the same person may not do both
    └── NotReady                503  something this needs is not there yet

Anything else that is raised is a fault of ours: 500, and somebody is called.
"""

from typing import Any, ClassVar


class Refused(Exception):
    """A rule of the programme says no."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409

    def __init__(
        self, sentence: str | None = None, *, field: str | None = None, **details: Any
    ) -> None:
        """Keep the sentence (by default the class's first line), the field and the details."""
        self.sentence = sentence or (type(self).__doc__ or "").strip().splitlines()[0]
        self.field = field
        self.details = details
        super().__init__(self.sentence)


class Invalid(Refused):
    """A value is not of the form it must have."""

    code = "invalid"
    status = 422


class NotFound(Refused):
    """There is no such thing."""

    code = "not-found"
    status = 404


class NotSignedIn(Refused):
    """Sign in first: the request has no valid token."""

    code = "not-signed-in"
    status = 401


class Forbidden(Refused):
    """You may not do this."""

    code = "forbidden"
    status = 403


class RoleMissing(Forbidden):
    """None of your grants has a role that this needs."""

    code = "role-missing"


class OutsideScope(Forbidden):
    """Your grants are for other organisations than this one."""

    code = "outside-your-organisation"


class FourEyes(Refused):
    """The person who entered this may not be the one who approves it."""

    code = "four-eyes"


class NotReady(Refused):
    """Something that this needs is not there yet; try again."""

    code = "not-ready"
    status = 503
