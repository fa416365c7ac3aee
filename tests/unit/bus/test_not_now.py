"""What will pass is told from what will not, and reasons never quote values."""

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from shared.bus.not_now import is_not_now, reason_of
from tests.bus_world import NoSuchName


def wrapped(cause: Exception, *, invalidated: bool = False) -> DBAPIError:
    orig = Exception("wrapped")
    orig.__cause__ = cause
    return DBAPIError("SELECT", {}, orig, connection_invalidated=invalidated)


PASSING = [
    OSError(),
    TimeoutError(),
    ConnectionResetError(),
    NoConnectionFree(),
    asyncpg.DeadlockDetectedError("x"),
    asyncpg.SerializationError("x"),
    asyncpg.LockNotAvailableError("x"),
    asyncpg.TooManyConnectionsError("x"),
    asyncpg.AdminShutdownError("x"),
    asyncpg.InterfaceError("the underlying connection is closed"),
    wrapped(asyncpg.DeadlockDetectedError("x")),
    wrapped(ConnectionRefusedError()),
    wrapped(ValueError(), invalidated=True),
]
LASTING = [
    ValueError(),
    NoSuchName(),
    asyncpg.UniqueViolationError("x"),
    asyncpg.CheckViolationError("x"),
    asyncpg.InterfaceError("the server expects 2 arguments for this query, 1 was passed"),
    wrapped(asyncpg.UniqueViolationError("x")),
]


@pytest.mark.parametrize("error", PASSING, ids=repr)
def test_this_will_pass(error: Exception) -> None:
    assert is_not_now(error)


@pytest.mark.parametrize("error", LASTING, ids=repr)
def test_this_will_not(error: Exception) -> None:
    assert not is_not_now(error)


def test_a_refusal_gives_its_code_and_sentence() -> None:
    assert reason_of(NoSuchName()) == "no-such-name: A thing must not be called that."


def test_a_constraint_gives_its_name_and_not_the_value() -> None:
    cause = asyncpg.UniqueViolationError("Key (name)=(Anna Priede) already exists.")
    cause.constraint_name = "one_name"
    orig = Exception()
    orig.__cause__ = cause
    assert reason_of(IntegrityError("INSERT", {}, orig)) == "UniqueViolationError: one_name"


def test_a_bug_gives_its_place() -> None:
    def stumble() -> None:
        raise KeyError("Anna Priede")

    with pytest.raises(KeyError) as raised:
        stumble()
    assert reason_of(raised.value).startswith("KeyError at unit/bus/test_not_now.py:")
