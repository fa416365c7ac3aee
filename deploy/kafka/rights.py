"""Who may write and read which topic: users and rights that follow from the catalogue.

A service writes its own topics and reads those whose catalogue entry names it; a payment office
reads its orders and writes its reports, and nobody else's. Nobody may create topics.
"""

import secrets
import time
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialAlteration,
    UserScramCredentialDeletion,
    UserScramCredentialUpsertion,
)

from shared.contracts.base import Topic

ANSWER_SECONDS_MAX = 30
LOOK_SECONDS = 0.05
ITERATIONS = 8192
OFFICE = "office"
PUBLIC = "public"
"""Readers outside the cluster, served by pages and downloads; they get no user."""


@dataclass(frozen=True, order=True)
class Right:
    """One user may do one thing with one topic, or with all groups whose name begins so."""

    user: str
    kind: str
    name: str
    operation: str


def rights(topics: Iterable[Topic], offices: Sequence[str]) -> list[Right]:
    """All rights there are, sorted."""
    found: set[Right] = set()
    for topic in topics:
        writers, readers = {topic.owner}, set(topic.readers) - {PUBLIC}
        for office in offices if topic.is_pattern else ("",):
            name = topic.name.replace("{office}", office)
            mine = office_user(office)
            for owner in writers:
                found.add(Right(mine if owner == OFFICE else owner, "topic", name, "write"))
            for reader in readers:
                found.add(Right(mine if reader == OFFICE else reader, "topic", name, "read"))
    found |= {Right(user, "group", _group(user), "read") for user in {one.user for one in found}}
    return sorted(found)


def users(topics: Iterable[Topic], offices: Sequence[str]) -> list[str]:
    """Everybody who has a right."""
    return sorted({right.user for right in rights(topics, offices)})


def office_user(office: str) -> str:
    """What the user of a payment office is called."""
    return f"{OFFICE}-{office}"


def _group(user: str) -> str:
    """Consumer groups are called `<service>.<cell>.<name>`, an office's `payment-office.<id>.`."""
    if user.startswith("office-"):
        return f"payment-office.{user.removeprefix('office-')}."
    return f"{user.removesuffix('-national')}."


def grant(admin: AdminClient, wanted: Iterable[Right]) -> int:
    """Grant the rights and return how many; granting again changes nothing."""
    bindings = [
        AclBinding(
            ResourceType.TOPIC if right.kind == "topic" else ResourceType.GROUP,
            right.name,
            ResourcePatternType.LITERAL if right.kind == "topic" else ResourcePatternType.PREFIXED,
            f"User:{right.user}",
            "*",
            AclOperation.WRITE if right.operation == "write" else AclOperation.READ,
            AclPermissionType.ALLOW,
        )
        for right in wanted
    ]
    for answer in admin.create_acls(bindings).values():
        answer.result(ANSWER_SECONDS_MAX)
    _until(lambda: set(bindings) <= set(_granted(admin)))
    return len(bindings)


def _granted(admin: AdminClient) -> list[AclBinding]:
    """All rights the broker knows by now."""
    found: list[AclBinding] = admin.describe_acls(_rights_of(None)).result(ANSWER_SECONDS_MAX)
    return found


def _rights_of(principal: str | None) -> AclBindingFilter:
    """Every right of one, or of everybody."""
    anything: Any = None  # Its signature forgets that these may be missing.
    return AclBindingFilter(
        ResourceType.ANY,
        anything,
        ResourcePatternType.ANY,
        principal or anything,
        anything,
        AclOperation.ANY,
        AclPermissionType.ANY,
    )


def take_back(admin: AdminClient, names: Iterable[str], folder: Path | None = None) -> int:
    """Take from these users their rights, then their passwords; return how many rights.

    Who is connected keeps the connection and gets nothing by it any more. Passwords in `folder`
    are removed; topics stay with what is on them. Taking back again changes nothing.
    """
    gone = set(names)
    principals = {f"User:{name}" for name in gone}
    taken = 0
    for answer in admin.delete_acls([_rights_of(one) for one in sorted(principals)]).values():
        taken += len(answer.result(ANSWER_SECONDS_MAX))
    _until(lambda: principals.isdisjoint(right.principal for right in _granted(admin)))
    _forget(admin, gone & _known_users(admin))
    if folder is not None:
        for name in gone:
            (folder / name).unlink(missing_ok=True)
    return taken


def _forget(admin: AdminClient, names: set[str]) -> None:
    """Let nobody sign in under these names."""
    changes: list[UserScramCredentialAlteration] = [
        UserScramCredentialDeletion(name, ScramMechanism.SCRAM_SHA_512) for name in sorted(names)
    ]
    if not changes:
        return
    for answer in admin.alter_user_scram_credentials(changes).values():
        answer.result(ANSWER_SECONDS_MAX)
    _until(lambda: names.isdisjoint(_known_users(admin)))


def create_users(
    admin: AdminClient, names: Iterable[str], folder: Path, *, rotated: Container[str] = ()
) -> int:
    """Give every user the password in the file of its name and return how many users.

    A missing file is written with a new password that only its owner can read; a user who is
    `rotated` gets a new one though the file is there, and the old one opens no connection more.
    """
    changes: list[UserScramCredentialAlteration] = [
        UserScramCredentialUpsertion(
            name,
            ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, ITERATIONS),
            _password(folder / name, new=name in rotated),
        )
        for name in names
    ]
    for answer in admin.alter_user_scram_credentials(changes).values():
        answer.result(ANSWER_SECONDS_MAX)
    _until(lambda: {change.user for change in changes} <= _known_users(admin))
    return len(changes)


def _known_users(admin: AdminClient) -> set[str]:
    """All users the broker knows by now."""
    asked: Any = admin.describe_user_scram_credentials()  # One answer where no user is named.
    return set(asked.result(ANSWER_SECONDS_MAX))


def _until(done: Callable[[], bool]) -> None:
    """Wait until what the controller wrote down has reached the broker. Raises TimeoutError."""
    until = time.monotonic() + ANSWER_SECONDS_MAX
    while not done():
        if time.monotonic() > until:
            raise TimeoutError("the broker does not show what was provisioned")
        time.sleep(LOOK_SECONDS)


def _password(file: Path, *, new: bool) -> bytes:
    if new or not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(32))
    return file.read_text().strip().encode()
