"""A real PgBouncer before a server of the tests, where one is installed; it lends a connection
for one transaction at a time."""

from __future__ import annotations

import shutil
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from running_postgres import PostgresServer, dying_with_parent

PROGRAM = shutil.which("pgbouncer")
_SETTINGS = """
[databases]
postgres = host={server} port={port} user=postgres
[pgbouncer]
unix_socket_dir = {folder}
listen_port = 6432
auth_type = any
pool_mode = transaction
default_pool_size = {size}
server_idle_timeout = 60
server_login_retry = 1
max_client_conn = 200
"""


class PgBouncer:
    """Its own few connections serve all clients in turn."""

    def __init__(self, server: PostgresServer, size: int = 6) -> None:
        assert PROGRAM is not None
        self.folder: Path = server.folder / "pooler"
        self.folder.mkdir()
        settings = self.folder / "settings.ini"
        settings.write_text(
            _SETTINGS.format(server=server.folder, port=server.port, folder=self.folder, size=size)
        )
        server.give(self.folder)
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [PROGRAM, settings], stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                cwd=self.folder, preexec_fn=dying_with_parent, **server.user,
            )  # fmt: skip
        self._wait()

    def address(self, index: str) -> str:
        return f"postgresql://postgres@/postgres?host={self.folder}&port=6432&index={index}"

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        import psycopg

        dsn = f"host={self.folder} port=6432 user=postgres dbname=postgres"
        with psycopg.connect(dsn, autocommit=True, prepare_threshold=None) as connection:
            return connection.execute(question.encode()).fetchall()

    def stop(self) -> None:
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(10)

    def _wait(self) -> None:
        import psycopg

        for _ in range(500):
            with suppress(psycopg.OperationalError):
                self.ask("SELECT 1")
                return
            time.sleep(0.02)
        raise RuntimeError((self.folder / "log").read_text()[-3000:])
