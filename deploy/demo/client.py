"""The demo's way through the public doors: sign in, send commands once, send many lines, wait.

Every command carries a key that names it, so that it can be sent again after a process died or
the broker was away, and still happens once.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

import httpx

RETRY_SECONDS_MAX = 90.0
WAIT_SECONDS_MAX = 90.0
AT_ONCE_MAX = 8
"""Requests on their way at the same time; more would only wait at the services."""
FIRST_PAUSE, LONGEST_PAUSE = 0.02, 0.2
AGAIN = frozenset({500, 502, 503, 504})
"""Answers after which the same command, with the same key, is sent again."""

T = TypeVar("T")


class Refusal(Exception):
    """A command or a question was refused; `code` is the stable code of the answer."""

    def __init__(self, status: int, problem: Mapping[str, Any], asked: str) -> None:
        self.status = status
        self.problem = dict(problem)
        self.code = str(problem.get("code", "?"))
        super().__init__(f"{asked}: {status} {self.code}: {problem.get('detail')} {self.problem}")


class LinesRefused(Exception):
    """Lines of a bulk command were refused although all should have been accepted."""


class NeverHappened(Exception):
    """What was waited for did not become true in time."""


@dataclass(frozen=True)
class Line:
    """What became of one line of a bulk command."""

    number: int
    accepted: bool
    id: str | None
    code: str | None
    message: str | None
    details: Mapping[str, Any]


class Doors:
    """The five services as a client outside sees them; `sign_in` gives a token for a subject."""

    def __init__(self, urls: Mapping[str, str], sign_in: Callable[[str], str]) -> None:
        limits = httpx.Limits(max_connections=AT_ONCE_MAX, max_keepalive_connections=AT_ONCE_MAX)
        timeout = httpx.Timeout(60.0, connect=5.0, pool=None)
        self._http = httpx.AsyncClient(timeout=timeout, limits=limits)
        self._turns = asyncio.Semaphore(AT_ONCE_MAX)
        self._urls = dict(urls)
        self._sign_in = sign_in
        self._tokens: dict[str, str] = {}
        self.commands = 0
        self.lines = 0

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def command(
        self,
        address: str,
        body: Any = None,
        *,
        by: str,
        at: datetime,
        key: str,
        method: str = "POST",
    ) -> Any:
        """Send a command once, `address` being "plans:/plans/approvals". Raises Refusal."""
        self.commands += 1
        return await self._ask(method, address, by=by, at=at, key=key, body=body)

    async def bulk(
        self, address: str, lines: Sequence[Mapping[str, Any]], *, by: str, at: datetime, key: str
    ) -> list[Line]:
        """Send many lines and give the answer of each, in their order."""
        if not lines:
            return []
        self.lines += len(lines)
        answer = await self.command(address, {"lines": list(lines)}, by=by, at=at, key=key)
        return [
            Line(
                number=line["line"],
                accepted=line["status"] == "accepted",
                id=line["id"],
                code=line["code"],
                message=line["message"],
                details=line["details"] or {},
            )
            for line in answer["lines"]
        ]

    async def all_accepted(
        self,
        address: str,
        lines: Sequence[Mapping[str, Any]],
        *,
        by: str,
        at: datetime,
        key: str,
        travelling: frozenset[str] = frozenset(),
    ) -> list[Line]:
        """Send lines of which none may be refused. Raises LinesRefused.

        Lines refused with a code of `travelling` wait for facts on their way and are sent again.
        """
        answers = await self.bulk(address, lines, by=by, at=at, key=key)
        loop = asyncio.get_running_loop()
        end, pause, turn = loop.time() + WAIT_SECONDS_MAX, FIRST_PAUSE, 0
        while bad := [answer for answer in answers if not answer.accepted]:
            if loop.time() > end or not {answer.code for answer in bad} <= travelling:
                example = lines[bad[0].number - 1]
                raise LinesRefused(f"{address}: {len(bad)} refused, {bad[0]} {example}")
            await asyncio.sleep(pause)
            pause, turn = min(pause * 2, LONGEST_PAUSE), turn + 1
            again = [lines[answer.number - 1] for answer in bad]
            new = await self.bulk(address, again, by=by, at=at, key=f"{key}:again {turn}")
            for before, now in zip(bad, new, strict=True):
                answers[before.number - 1] = replace(now, number=before.number)
        return answers

    async def read(self, address: str, *, by: str, at: datetime, **asked: Any) -> Any:
        """Ask a question; parameters that are None are left out. Raises Refusal."""
        return await self._ask("GET", address, by=by, at=at, asked=asked)

    async def fetch(self, address: str, *, by: str, at: datetime) -> bytes:
        """Download a file. Raises Refusal."""
        answer = await self._send("GET", address, by=by, at=at, key=None, body=None, asked={})
        return answer.content

    async def _ask(
        self,
        method: str,
        address: str,
        *,
        by: str,
        at: datetime,
        key: str | None = None,
        body: Any = None,
        asked: Mapping[str, Any] | None = None,
    ) -> Any:
        answer = await self._send(
            method, address, by=by, at=at, key=key, body=body, asked=asked or {}
        )
        return answer.json() if answer.content else None

    async def _send(
        self,
        method: str,
        address: str,
        *,
        by: str,
        at: datetime,
        key: str | None,
        body: Any,
        asked: Mapping[str, Any],
    ) -> httpx.Response:
        service, _, path = address.partition(":")
        headers = {
            "Authorization": f"Bearer {self.token(by)}",
            "Programme-Time": at.astimezone(UTC).isoformat(),
        }
        if key is not None:
            headers["Idempotency-Key"] = key
        answer = await self._persist(
            lambda: self._http.request(
                method,
                f"{self._urls[service]}{path}",
                headers=headers,
                params={name: value for name, value in asked.items() if value is not None},
                json=body,
            )
        )
        if answer.is_error:
            raise Refusal(answer.status_code, _problem(answer), f"{method} {address} by {by}")
        return answer

    def token(self, subject: str) -> str:
        """The token with which somebody signs in."""
        if subject not in self._tokens:
            self._tokens[subject] = self._sign_in(subject)
        return self._tokens[subject]

    async def _persist(self, send: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
        """Send until there is an answer that means something."""
        loop = asyncio.get_running_loop()
        until, pause = loop.time() + RETRY_SECONDS_MAX, FIRST_PAUSE
        while True:
            try:
                async with self._turns:
                    answer = await send()
                if answer.status_code not in AGAIN or loop.time() > until:
                    return answer
            except httpx.TransportError:
                if loop.time() > until:
                    raise
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)


def _problem(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        said = answer.json()
    except ValueError:
        return {"code": "?", "detail": answer.text[:500]}
    return said if isinstance(said, dict) else {"code": "?", "detail": str(said)[:500]}


async def until(look: Callable[[], Awaitable[T]], good: Callable[[T], bool], what: str) -> T:
    """Look again and again until what is seen is good. Raises NeverHappened with the last look."""
    loop = asyncio.get_running_loop()
    end, pause = loop.time() + WAIT_SECONDS_MAX, FIRST_PAUSE
    while True:
        seen = await look()
        if good(seen):
            return seen
        if loop.time() > end:
            raise NeverHappened(f"{what}; last seen: {str(seen)[:1500]}")
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)


async def side_by_side(*jobs: Awaitable[Any]) -> list[Any]:
    """Do independent jobs at the same time; the first failure is raised."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_await(job)) for job in jobs]
    return [task.result() for task in tasks]


async def _await(job: Awaitable[T]) -> T:
    return await job
