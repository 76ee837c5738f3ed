"""Two services with folders of their own, as on two machines, and one database."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import httpx
from running_postgres import PostgresServer
from running_service import Running

Specimens = dict[str, list[Path]]


@contextmanager
def two_services(folder: Path, database: PostgresServer) -> Iterator[tuple[Running, Running]]:
    address = database.address(f"served_{time.monotonic_ns()}", password="hush")
    first, second = (Running(folder / name, ("--index", address)) for name in ("one", "two"))
    for one in (first, second):
        one.index.mkdir()
        one.index = one.index / "index"
    first.start()
    second.key = first.key
    second.start()
    yield first, second
    for one in (first, second):
        assert one.process is not None
        if one.process.poll() is None:
            one.stop()
        assert "hush" not in one.told()


def enrolled(client: httpx.Client, specimens: Specimens, *names: str) -> None:
    for name in names:
        files = [("images", (path.name, path.read_bytes())) for path in specimens[name][:2]]
        reply = client.put(f"/v1/writers/{quote(name, safe='')}/references", files=files)
        assert reply.status_code == 201, reply.text
