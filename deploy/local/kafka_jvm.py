"""Apache Kafka on the machine's Java: fetched and formatted once, started in seconds."""

import base64
import contextlib
import fcntl
import os
import re
import shutil
import subprocess
import time
import uuid
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from deploy.local.kafka_handle import Opened
from deploy.local.processes import LOCALHOST, Child, cache_folder, free_port, short_folder

VERSION = "4.4.0"
JAVA_MIN = 17
START_SECONDS_MAX = 60.0
STOP_SECONDS_MAX = 60.0
FETCH_SECONDS_MAX = 600.0
READY = "Kafka Server started"

# Quick to start rather than quick for ever: one collector thread and the light compiler.
JVM = ("-Xms256m", "-Xmx768m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")

POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId><artifactId>broker</artifactId><version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId>
      <version>{VERSION}</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId>
      <version>1.7.36</version></dependency>
  </dependencies>
</project>
"""

PROPERTIES = """process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller}
advertised.listeners=PLAINTEXT://{host}:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=8
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
group.min.session.timeout.ms=1000
num.partitions=6
auto.create.topics.enable=false
"""


class JvmBroker:
    """A broker in a Java process of its own; can be stopped, killed and started again."""

    def __init__(
        self,
        java: str,
        libraries: Path,
        folder: Path,
        log: Path,
        *,
        options: Sequence[str] = (),
        properties: str = PROPERTIES,
    ) -> None:
        self._command = [java, *JVM, *options, "-cp", f"{libraries}/*"]
        self._properties = folder / "server.properties"
        self._log = log
        self.port = free_port()
        self.bootstrap = f"{LOCALHOST}:{self.port}"
        self._properties.write_text(
            properties.format(
                host=LOCALHOST, port=self.port, controller=free_port(), data=folder / "data"
            )
        )
        self._child: Child | None = None

    @property
    def pid(self) -> int:
        """The Java process."""
        assert self._child is not None, "the broker was never started"
        return self._child.pid

    def format(self, *arguments: str) -> None:
        """Lay out an empty data folder; further arguments go to Kafka's storage tool."""
        name = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        tool = ["kafka.tools.StorageTool", "format", "-t", name, "-c", str(self._properties)]
        tool += arguments
        made = subprocess.run([*self._command, *tool], capture_output=True, text=True, check=False)
        if made.returncode:
            raise RuntimeError(f"the broker's folder could not be formatted: {made.stderr.strip()}")

    def start(self) -> None:
        """Start it and wait until it is ready; raises RuntimeError with the log's end."""
        said = self._log.stat().st_size if self._log.exists() else 0
        command = [*self._command, "kafka.Kafka", str(self._properties)]
        self._child = Child("kafka", command, log=self._log)
        until = time.monotonic() + START_SECONDS_MAX
        while READY not in _from(self._log, said):
            if not self._child.running or time.monotonic() > until:
                self._child.kill()
                raise RuntimeError(f"Kafka did not start:\n{self._child.last_lines()}")
            time.sleep(0.05)

    def stop(self) -> None:
        """End it in good order; its data stays."""
        if self._child is not None:
            self._child.stop(seconds=STOP_SECONDS_MAX)

    def kill(self) -> None:
        """End it at once; its data stays."""
        if self._child is not None:
            self._child.kill()


@contextlib.contextmanager
def jvm_broker(folder: Path) -> Iterator[Opened]:
    """A broker on the machine's Java for as long as the block lasts, its log in `folder`."""
    java = java_program()
    libraries = kafka_libraries()
    folder.mkdir(parents=True, exist_ok=True)
    with short_folder() as home:
        shutil.copytree(_formatted(java, libraries), home / "data")
        options = _class_archive(java, libraries)
        broker = JvmBroker(java, libraries, home, folder / "kafka.log", options=options)
        broker.start()
        try:
            yield broker.bootstrap, broker
        finally:
            broker.kill()  # The data goes with it.


def java_program() -> str:
    """The machine's Java, new enough; raises RuntimeError with the reason where there is none."""
    java = shutil.which("java")
    if java is None:
        raise RuntimeError("no java on PATH")
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    found = re.search(r'version "(\d+)', said.stderr + said.stdout)
    if found is None or int(found.group(1)) < JAVA_MIN:
        raise RuntimeError(f"java on PATH is older than {JAVA_MIN}")
    return java


def kafka_libraries() -> Path:
    """The folder with Kafka's jars, fetched by Maven the first time."""
    kept = cache_folder() / f"kafka-{VERSION}"
    with _alone(kept):
        if not (kept / "lib").is_dir():
            _fetch(kept)
    return kept / "lib"


def _fetch(kept: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise RuntimeError("no mvn on PATH to fetch Kafka with")
    (kept / "pom.xml").write_text(POM)
    half = kept / "lib.half"
    shutil.rmtree(half, ignore_errors=True)
    options = ["-DincludeScope=runtime", f"-DoutputDirectory={half}"]
    fetched = subprocess.run(
        [maven, "-q", "-B", "dependency:copy-dependencies", *options],
        cwd=kept,
        capture_output=True,
        text=True,
        timeout=FETCH_SECONDS_MAX,
        check=False,
    )
    if fetched.returncode:
        first = (fetched.stdout + fetched.stderr).strip().splitlines()[:1]
        raise RuntimeError(f"mvn could not fetch Kafka {VERSION}: {' '.join(first)}")
    half.rename(kept / "lib")


def _formatted(java: str, libraries: Path) -> Path:
    """An empty formatted data folder, made once and copied for every broker."""
    kept = cache_folder() / f"kafka-{VERSION}"
    with _alone(kept):
        if not (kept / "data").is_dir():
            with short_folder() as folder:
                JvmBroker(java, libraries, folder, folder / "format.log").format()
                half = kept / "data.half"
                shutil.rmtree(half, ignore_errors=True)
                shutil.copytree(folder / "data", half)
                half.rename(kept / "data")
    return kept / "data"


def _class_archive(java: str, libraries: Path) -> list[str]:
    """Options that read Kafka's classes from an archive, which halves the time to start.

    The archive is made once by a broker that ends in good order; a Java that cannot make one
    starts without.
    """
    kept = cache_folder() / f"kafka-{VERSION}"
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    archive = kept / f"classes-{zlib.crc32(said.stderr.encode()):08x}.jsa"
    with _alone(kept):
        if not archive.exists():
            with short_folder() as folder:
                shutil.copytree(kept / "data", folder / "data")
                half = folder / "classes.jsa"
                options = [f"-XX:ArchiveClassesAtExit={half}"]
                log = folder / "kafka.log"
                broker = JvmBroker(java, libraries, folder, log, options=options)
                with contextlib.suppress(RuntimeError):
                    broker.start()
                    broker.stop()
                if half.exists():
                    archive.with_suffix(".half").unlink(missing_ok=True)
                    shutil.copy(half, archive.with_suffix(".half"))
                    archive.with_suffix(".half").rename(archive)
                else:
                    archive.touch()
    return [f"-XX:SharedArchiveFile={archive}"] if archive.stat().st_size else []


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process at a time works in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / "lock", os.O_CREAT | os.O_RDWR)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _from(log: Path, position: int) -> str:
    """What was written to a log after a position."""
    with log.open("rb") as text:
        text.seek(position)
        return text.read().decode(errors="replace")
