"""Services, each a process, on one index and one state in a database: what one is told, the other
knows; what one holds, the other does not get."""

from __future__ import annotations

import io
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from running_postgres import PostgresServer
from running_service import Running

from sigsearch.index.postgres.address import Address
from sigsearch.server.state.cases import Case
from sigsearch.server.state.state import State

Specimens = dict[str, list[Path]]


@pytest.fixture
def pair(tmp_path: Path, database: PostgresServer) -> Iterator[tuple[Running, Running]]:
    """Two services with folders of their own, as on two machines."""
    address = database.address(f"served_{time.monotonic_ns()}", password="hush")
    first, second = (Running(tmp_path / name, ("--index", address)) for name in ("one", "two"))
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
        assert "hush" not in one.log.read_text()


def state_of(one: Running) -> State:
    return State(Address.parse(one.words[1]))


def enrolled(client: httpx.Client, specimens: Specimens, *names: str) -> None:
    for name in names:
        files = [("images", (path.name, path.read_bytes())) for path in specimens[name][:2]]
        reply = client.put(f"/v1/writers/{name}/references", files=files)
        assert reply.status_code == 201, reply.text


def asked(client: httpx.Client, image: dict[str, tuple[str, bytes]]) -> list[str]:
    """The writers whom a service finds, best first."""
    reply = client.post("/v1/identify", files=image)
    return [one["writer"] for one in reply.json()["answer"]["candidates"]]


def archive(specimens: Specimens, copies: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        for name, paths in specimens.items():
            for at, path in enumerate(paths * copies):
                # A byte behind the end of a PNG makes another file of it.
                packed.writestr(f"zip/{name}/{at}.png", path.read_bytes() + b"x" * at)
    return file.getvalue()


def test_two_services_share_an_index(
    pair: tuple[Running, Running], specimens: Specimens, database: PostgresServer
):
    with pair[0].client() as one, pair[1].client() as two:
        enrolled(one, specimens, "anna", "bo")
        image = {"image": ("question.png", specimens["bo"][5].read_bytes())}
        answers = [
            each.post("/v1/verify", files=image, data={"writer": "bo"}).json()
            for each in (one, two)
        ]
        assert answers[0]["answer"] == answers[1]["answer"]
        # The evidence of one is told by the other, also as a sheet.
        sheet = two.get(f"/v1/evidence/{answers[0]['evidence']}", params={"format": "html"})
        assert sheet.status_code == 200
        assert asked(two, image)[0] == "bo"
        assert two.delete("/v1/writers/bo").status_code == 200
        assert asked(one, image) == ["anna"]
        assert one.get(f"/v1/evidence/{answers[0]['evidence']}").status_code == 410
        assert one.post("/v1/verify", files=image, data={"writer": "bo"}).status_code == 404
        database.ask(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'sigsearch'"
        )
        assert one.get("/health/ready").status_code == 200
        assert one.get("/v1/writers/anna").status_code == 200
        for each in (one, two):
            assert each.post("/v1/verify", files=image, data={"writer": "anna"}).status_code == 200


def test_a_key_made_at_one_opens_the_other_until_it_is_revoked(pair: tuple[Running, Running]):
    with state_of(pair[0]) as state:
        entry, whole = state.keys.add("default", "scanner", ["ask"])
        with pair[1].client(whole) as client:
            assert client.get("/v1/writers").status_code == 200
            state.keys.revoke(entry.id)
            time.sleep(1.1)
            assert client.get("/v1/writers").status_code == 401


def test_a_job_runs_once_and_goes_on_at_the_other(
    pair: tuple[Running, Running], specimens: Specimens
):
    with pair[0].client() as one, pair[1].client() as two:
        files = {"archive": ("all.zip", archive(specimens, 3), "application/zip")}
        place = one.post("/v1/jobs", data={"kind": "enrol"}, files=files).headers["Location"]
        while not two.get(place).json()["done"]:
            time.sleep(0.02)
        with state_of(pair[0]) as state, state._database.connect() as connection:
            from sqlalchemy import text

            schema = f"sigservice_{Address.parse(pair[0].words[1]).name}"
            holder = connection.execute(text(f"SELECT holder FROM {schema}.jobs")).scalar_one()
            alive = connection.execute(text(f"SELECT id FROM {schema}.services")).scalars().all()
        assert holder in alive
        assert len(alive) == 2
        # Whoever holds it is killed; the other finds the job, and its upload, and goes on.
        with state_of(pair[0]) as state:
            state.services.id = holder
            by_first = "job" in pair[0].log.read_text()
        assert not by_first
