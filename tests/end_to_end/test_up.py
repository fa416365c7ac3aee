"""`make up`: says where everything is, what it says is true, and Ctrl-C leaves nothing behind."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import psutil
import pytest

from deploy.local.processes import ROOT, python_environment
from deploy.local.system import SERVICES

START_SECONDS_MAX = 120


@dataclass
class Up:
    """The running command and what it has said so far."""

    process: subprocess.Popen[str]
    said: str

    def lines_to_try(self) -> list[str]:
        """The lines for the shell it prints."""
        return [line.strip() for line in self.said.splitlines() if line.startswith("  curl ")]


@pytest.fixture(scope="module")
def up() -> Iterator[Up]:
    """The command as a person starts it, once for the module."""
    process = subprocess.Popen(
        [sys.executable, "-m", "deploy.local", "up", "--run", "test-up"],
        cwd=ROOT,
        env=python_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield Up(process, _read_until(process, "Ctrl-C stops everything"))
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def _read_until(process: subprocess.Popen[str], wanted: str) -> str:
    assert process.stdout is not None
    said = ""
    until = time.monotonic() + START_SECONDS_MAX
    for line in process.stdout:
        said += line
        if wanted in line or time.monotonic() > until:
            break
    assert wanted in said, said
    return said


def test_it_says_where_everything_is(up: Up) -> None:
    for service in SERVICES:
        assert re.search(rf"^  {service} +http://127\.0\.0\.1:\d+ ", up.said, re.MULTILINE)
    assert re.search(r"^  database +embedded", up.said, re.MULTILINE)
    assert re.search(r"^  broker +\w+ at 127\.0\.0\.1:\d+", up.said, re.MULTILINE)


def test_each_of_the_three_things_to_try_works(up: Up) -> None:
    lines = up.lines_to_try()
    assert len(lines) == 3
    me, figures, refusal = (
        subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True).stdout
        for line in lines
    )
    assert '"head.liepaja-5vsk"' in me
    assert '"head"' in me, "the sign-ins that are printed have their roles"
    assert '"value":300,' in figures
    assert '"not-signed-in"' in refusal


def test_nothing_listens_beyond_this_machine(up: Up) -> None:
    owner = psutil.Process(up.process.pid)
    listening = [
        connection.laddr.ip
        for process in (owner, *_descendants(owner))
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert listening
    assert {address.removeprefix("::ffff:") for address in listening} == {"127.0.0.1"}


def test_ctrl_c_leaves_nothing_behind(up: Up) -> None:
    owner = psutil.Process(up.process.pid)
    started = _descendants(owner)
    assert len(started) > len(SERVICES)
    os.kill(up.process.pid, signal.SIGINT)
    up.process.communicate(timeout=60)
    assert up.process.returncode == 0
    _, alive = psutil.wait_procs(started, timeout=10)
    assert not [one for one in alive if one.status() != psutil.STATUS_ZOMBIE]
    assert not (ROOT / "build" / "test-up" / "pid.json").exists()


def _descendants(owner: psutil.Process) -> list[psutil.Process]:
    return list(owner.children(recursive=True))
