"""The process that cleans up after ours, however ours ends.

It reads orders from its standard input. When that closes, because the process at the other end
finished, was told to stop or was killed without a word, it ends every process group it was told
of and removes every folder. Run by path with the standard library alone, so that it is up in a
few milliseconds.

Orders, one a line: `group <id> <signal>`, `forget <id>`, `folder <path>`, `keep <path>`.
"""

import os
import shutil
import signal
import sys
import time

GRACE_SECONDS = 5.0
LOOK_SECONDS = 0.05


def main() -> None:
    """Note orders until the other end is gone, then clean up."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    groups: dict[int, int] = {}
    folders: dict[str, None] = {}
    for line in sys.stdin:
        order, _, rest = line.rstrip("\n").partition(" ")
        if order == "group":
            group, _, number = rest.partition(" ")
            groups[int(group)] = int(number)
        elif order == "forget":
            groups.pop(int(rest), None)
        elif order == "folder":
            folders[rest] = None
        elif order == "keep":
            folders.pop(rest, None)
    end(groups)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def end(groups: dict[int, int]) -> None:
    """Ask every group to stop with its own signal, then insist."""
    for group, number in groups.items():
        send(group, number)
    until = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < until and not all(map(gone, groups)):
        time.sleep(LOOK_SECONDS)
    for group in groups:
        send(group, signal.SIGKILL)


def gone(group: int) -> bool:
    """True where the group's first process has ended, even if nobody has asked how."""
    try:
        with open(f"/proc/{group}/stat") as state:  # noqa: PTH123 (only what starts fast)
            return state.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return not send(group, 0)


def send(group: int, number: int) -> bool:
    """Send a signal to a process group; False where nobody is left in it."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    main()
