"""Keeps a service's process alive, as a container platform would.

One that dies is started again, after a pause that grows.
"""

import asyncio
import contextlib
import signal
import ssl
import sys
from collections.abc import Mapping
from pathlib import Path

import httpx

from deploy.local.processes import Child, python_environment

LOOK_SECONDS = 0.05
NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""We ask over plain HTTP; reading the machine's certificates for each client would cost more."""
BACK_OFF_SECONDS = (0.1, 0.5, 1.0, 2.0, 5.0)
SETTLED_SECONDS = 10.0
"""A process that lived this long has started well; the next back-off begins anew."""
ANSWER_CHARACTERS_MAX = 500
STARTS_MAX = 5
"""A process that dies this often before it was ever ready will not become ready."""


class StartFailed(RuntimeError):
    """A process did not become ready; the message ends with what it said last."""


class Supervised:
    """One process under supervision: started, watched, started again, stopped."""

    def __init__(
        self,
        name: str,
        arguments: list[str],
        *,
        environment: Mapping[str, str],
        log: Path,
        ready: str,
    ) -> None:
        self.name = name
        self.restarts = 0
        self._command = [sys.executable, "-m", *arguments]
        self._environment = python_environment(**environment)
        self._log = log
        self._ready_url = ready
        self._was_ready = False
        self._failed = False
        self._answer = "it does not answer"
        self._child = self._start()
        self._watch = asyncio.create_task(self._keep_alive(), name=f"supervise {name}")

    @property
    def pid(self) -> int:
        """The process as it is now; another after each restart."""
        return self._child.pid

    def signal(self, number: signal.Signals) -> None:
        """Send a signal: SIGKILL to kill, SIGSTOP to freeze, SIGCONT to thaw."""
        self._child.signal(number)

    async def wait_ready(self, *, seconds: float) -> None:
        """Wait until the process says it is ready. Raises StartFailed."""
        until = asyncio.get_running_loop().time() + seconds
        async with httpx.AsyncClient(timeout=2.0, verify=NO_CERTIFICATES) as client:
            while not await self._ready(client):
                if self._failed or asyncio.get_running_loop().time() > until:
                    said = f"{self._answer}\n{self._child.last_lines()}"
                    raise StartFailed(f"{self.name} is not ready: {said}")
                await asyncio.sleep(LOOK_SECONDS)
        self._was_ready = True

    async def _ready(self, client: httpx.AsyncClient) -> bool:
        with contextlib.suppress(httpx.TransportError):
            answer = await client.get(self._ready_url)
            self._answer = answer.text[:ANSWER_CHARACTERS_MAX]
            return answer.status_code == httpx.codes.OK
        return False

    async def stop(self) -> None:
        """Stop watching, then the process, in good order."""
        self._watch.cancel()
        await asyncio.gather(self._watch, return_exceptions=True)
        await asyncio.to_thread(self._child.stop)

    def _start(self) -> Child:
        return Child(self.name, self._command, environment=self._environment, log=self._log)

    async def _keep_alive(self) -> None:
        loop = asyncio.get_running_loop()
        started, turn = loop.time(), 0
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if self._child.running:
                continue
            self._child.kill()  # Whatever it left behind in its group.
            if loop.time() - started > SETTLED_SECONDS:
                turn = 0
            if not self._was_ready and self.restarts + 1 >= STARTS_MAX:
                self._failed = True
                return
            self._say(f"ended with code {self._child.process.returncode}, starting it again")
            await asyncio.sleep(BACK_OFF_SECONDS[min(turn, len(BACK_OFF_SECONDS) - 1)])
            self.restarts += 1
            turn += 1
            started, self._child = loop.time(), self._start()

    def _say(self, sentence: str) -> None:
        with self._log.open("a") as log:
            log.write(f"[supervisor] {self.name} {sentence}\n")
