"""Two kinds of failure: what will pass by itself is waited for, everything else is set aside."""

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from shared.errors import Refused

_PASSING_CLASSES = ("08", "53", "57")  # connection, resources, operator (shutdown, cancelled)
_PASSING = {
    "40001",  # serialization failure
    "40P01",  # deadlock
    "55P03",  # lock not available in time
    "25P03",  # the server ended a transaction that slept in our hands
}


def is_not_now(error: BaseException | None) -> bool:
    """Whether the same work may succeed later without anybody changing anything."""
    if isinstance(error, OSError | NoConnectionFree):
        return True
    if isinstance(error, asyncpg.InterfaceError):
        return "connection" in str(error)
    if isinstance(error, DBAPIError):
        if error.connection_invalidated or _passes(getattr(error.orig, "sqlstate", None)):
            return True
        return error.orig is not None and is_not_now(error.orig.__cause__)
    return isinstance(error, asyncpg.PostgresError) and _passes(error.sqlstate)


def reason_of(error: BaseException) -> str:
    """Why an effect failed, without anything of its values: they may be personal."""
    if isinstance(error, Refused):
        return f"{error.code}: {error.sentence}"
    if isinstance(error, DBAPIError) and error.orig is not None:
        cause = error.orig.__cause__
        constraint = getattr(cause, "constraint_name", None)
        name = type(cause or error.orig).__name__
        return f"{name}: {constraint}" if constraint else f"{name}{_where(error)}"
    return f"{type(error).__name__}{_where(error)}"


def _passes(sqlstate: str | None) -> bool:
    return sqlstate is not None and (sqlstate in _PASSING or sqlstate[:2] in _PASSING_CLASSES)


def _where(error: BaseException) -> str:
    """The innermost place in our own code."""
    place, step = "", error.__traceback__
    while step is not None:
        name = step.tb_frame.f_code.co_filename
        if "site-packages" not in name and "shared/bus" not in name:
            place = f" at {'/'.join(name.split('/')[-3:])}:{step.tb_lineno}"
        step = step.tb_next
    return place
