"""Who somebody is (a token of an OpenID Connect provider) and what they may do (grants).

A token proves only who. What a person may do comes from grants (role, organisation, period) that
identification keeps and tells; every service projects them (`shared.registers`).
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from shared import clock
from shared.errors import NotSignedIn, OutsideScope

STATE = "state"
ALGORITHMS = ["ES256", "EdDSA", "Ed25519", "RS256", "PS256"]
KEYS_SECONDS_MAX = 300
KEYS_SECONDS_MIN = 5
LEEWAY_SECONDS = 30


class Role(StrEnum):
    """What a grant lets a person do in an organisation."""

    PREPARER = "preparer"
    SCHOOL_COORDINATOR = "school_coordinator"
    HEAD = "head"
    MUNICIPALITY_COORDINATOR = "municipality_coordinator"
    PAYMENT_OFFICER = "payment_officer"
    REGIONAL_COORDINATOR = "regional_coordinator"
    STATE_OFFICER = "state_officer"
    AUDITOR = "auditor"
    EVALUATOR = "evaluator"
    CALL_ORGANISER = "call_organiser"
    APPLICANT = "applicant"
    PARENT = "parent"
    SPECIALIST = "specialist"
    SCHOOL_REGISTER = "school_register"


@dataclass(frozen=True)
class Grant:
    """A role in an organisation (school id, registration number or `state`) for a period."""

    role: Role
    organisation: str
    staff_ref: str | None = None
    staff_kind: str | None = None
    valid_from: date = date.min
    valid_to: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether the grant is in force on a day; both ends are included."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class Person:
    """Somebody who signed in, with the grants in force at the time of the request."""

    subject: str
    grants: tuple[Grant, ...] = ()

    def has(self, role: Role, *organisations: str) -> bool:
        """Whether a grant gives the role, in one of the organisations if any are named."""
        return any(
            grant.role is role and (not organisations or grant.organisation in organisations)
            for grant in self.grants
        )

    def organisations(self, *roles: Role) -> frozenset[str]:
        """The organisations in which the person has one of the roles."""
        return frozenset(grant.organisation for grant in self.grants if grant.role in roles)

    def must(self, roles: Iterable[Role], *organisations: str) -> Grant:
        """The grant that lets the person act for one of the organisations.

        Name every organisation that covers the thing (its school, partner, municipality, `state`).
        Raises OutsideScope where no grant fits.
        """
        wanted = frozenset(roles)
        for grant in self.grants:
            if grant.role in wanted and grant.organisation in organisations:
                return grant
        raise OutsideScope(roles=sorted(wanted), organisations=sorted(set(organisations)))


class Tokens:
    """Checks tokens against the provider's published keys, which are fetched again when due."""

    def __init__(self, *, issuer: str, audience: str, jwks: str) -> None:
        """`jwks` is an http(s) address or the path of a file with a JSON Web Key Set."""
        self._source = jwks
        self._claims = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            sub={"essential": True},
            exp={"essential": True},
        )
        self._keys: KeySet | None = None
        self._read_at = 0.0

    async def subject(self, token: str) -> str:
        """The `sub` of a valid token; otherwise NotSignedIn."""
        try:
            return self._check(token, await self._key_set(KEYS_SECONDS_MAX))
        except (JoseError, ValueError):
            try:
                return self._check(token, await self._key_set(KEYS_SECONDS_MIN))
            except (JoseError, ValueError) as error:
                raise NotSignedIn() from error

    def _check(self, token: str, keys: KeySet) -> str:
        """Verify signature and claims."""
        decoded = jwt.decode(token, keys, algorithms=ALGORITHMS)
        self._claims.validate(decoded.claims)
        return str(decoded.claims["sub"])

    async def _key_set(self, seconds_max: int) -> KeySet:
        """The provider's keys, at most so many seconds old."""
        if self._keys is None or clock.ticks() - self._read_at > seconds_max:
            self._keys = KeySet.import_key_set(await self._read())
            self._read_at = clock.ticks()
        return self._keys

    async def _read(self) -> Any:
        """Fetch the key set from its address or file."""
        if not self._source.startswith("http"):
            return json.loads(Path(self._source).read_text("utf-8"))
        async with httpx.AsyncClient(timeout=5) as client:
            answer = await client.get(self._source)
            answer.raise_for_status()
            return answer.json()
