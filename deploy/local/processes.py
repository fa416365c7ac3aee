"""Processes, ports and folders of the local machine, none of which outlive their owner."""

import atexit
import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

import psutil

ROOT = Path(__file__).resolve().parents[2]
"""Root of the project; every process we start works there."""

LOCALHOST = "127.0.0.1"
FIRST_PORT, LAST_PORT = 20_000, 32_000
"""Below the range Linux gives to outgoing connections, so that a port stays ours in a restart."""
STOP_SECONDS = 10.0


class Reaper:
    """Our end of the cleaning process (`reaper.py`); one for each process of ours."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._owner = 0
        self._lock = threading.Lock()

    def order(self, text: str) -> None:
        """Give one order, starting the cleaning process at the first."""
        with self._lock:
            if self._process is None or self._owner != os.getpid():
                self._start()
            assert self._process is not None and self._process.stdin is not None
            self._process.stdin.write(text + "\n")
            self._process.stdin.flush()

    def _start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(__file__).with_name("reaper.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        self._owner = os.getpid()
        atexit.register(self._finish)

    def _finish(self) -> None:
        process = self._process
        if process is None or self._owner != os.getpid():
            return
        self._process = None
        assert process.stdin is not None
        process.stdin.close()
        process.wait()


REAPER = Reaper()


class Child:
    """A process in a group of its own, which ends with us, writing to a log file.

    `user` is the name of a system user to run as. `stop_signal` asks it to end.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
        user: str | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.name = name
        self.log = log
        self.stop_signal = stop_signal
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self.process = self._popen(command, output, environment, user)
        self.pid = self.process.pid
        REAPER.order(f"group {self.pid} {int(stop_signal)}")

    def _popen(
        self,
        command: Sequence[str],
        output: IO[bytes],
        environment: Mapping[str, str] | None,
        user: str | None,
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command,
            cwd=ROOT if user is None else "/",
            env=None if environment is None else dict(environment),
            user=user,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    @property
    def running(self) -> bool:
        """True until the process has ended."""
        return self.process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the whole group; nothing happens where it has ended."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def stop(self, *, seconds: float = STOP_SECONDS) -> None:
        """Ask the process to end, insist after some seconds, and wait until it is gone."""
        if self.running:
            self.signal(signal.SIGCONT)
            self.signal(self.stop_signal)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(seconds)
        self.kill()

    def kill(self) -> None:
        """End the whole group at once and wait until the process is gone."""
        self.signal(signal.SIGKILL)
        self.process.wait()
        REAPER.order(f"forget {self.pid}")

    def last_lines(self, count: int = 20) -> str:
        """The end of what it said."""
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join(lines[-count:])


def python_environment(**more: str) -> dict[str, str]:
    """The environment of a Python process of ours: the caller's, the project on its path."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **more}


_given_ports: set[int] = set()


def free_port() -> int:
    """A port of 127.0.0.1 nobody listens on and this process has not given out before."""
    numbers = random.SystemRandom()
    for _ in range(1_000):
        port = numbers.randrange(FIRST_PORT, LAST_PORT)
        if port in _given_ports:
            continue
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((LOCALHOST, port))
            _given_ports.add(port)
            return port
    raise RuntimeError("no free port on 127.0.0.1")


@contextlib.contextmanager
def short_folder(prefix: str = "pumpurs-") -> Iterator[Path]:
    """A new folder with a short absolute path, as Unix sockets need; gone afterwards."""
    base = tempfile.gettempdir()
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=base if len(base) < 40 else "/tmp"))
    REAPER.order(f"folder {folder}")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        REAPER.order(f"keep {folder}")


def cache_folder() -> Path:
    """Where downloads are kept between runs: PUMPURS_CACHE, or the user's cache folder."""
    chosen = os.environ.get("PUMPURS_CACHE")
    if chosen:
        return Path(chosen).expanduser().resolve()
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser().resolve() / "pumpurs"


def started_at(pid: int) -> str | None:
    """When a process began, as text; None where there is no such process.

    With the number it names one process for good, since numbers are given out again.
    """
    with contextlib.suppress(psutil.NoSuchProcess):
        return repr(psutil.Process(pid).create_time())
    return None
