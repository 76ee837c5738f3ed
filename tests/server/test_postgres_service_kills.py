"""Of two services on one database one is killed, or the database is: nothing is lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from archives import archive
from running_postgres import PostgresServer
from running_service import Running
from two_services import enrolled, two_services

Specimens = dict[str, list[Path]]


@pytest.fixture
def pair(tmp_path: Path, database: PostgresServer) -> Iterator[tuple[Running, Running]]:
    with two_services(tmp_path, database) as found:
        yield found


def test_a_job_is_done_by_one_and_gone_on_with_by_the_other(
    pair: tuple[Running, Running], specimens: Specimens
):
    with pair[0].client() as one, pair[1].client() as two:
        files = {"archive": ("all.zip", archive(specimens, "zip", copies=3), "application/zip")}
        place = one.post("/v1/jobs", data={"kind": "enrol"}, files=files).headers["Location"]
        while not two.get(place).json()["done"]:
            time.sleep(0.02)
        assert [service.has_begun(place) for service in pair].count(True) == 1
        holder, other = sorted(pair, key=lambda service: not service.has_begun(place))
        holder.kill()
        with other.client() as client:
            while (job := client.get(place).json())["state"] == "running":
                time.sleep(0.1)
            assert job["state"] == "done", job
            assert job["report"]["enrolled"] + job["report"]["known"] == 72
            assert other.has_begun(place)
    assert not list((other.index.parent / "indexes").glob("**/*.zip"))


def test_a_request_that_was_cut_off_is_answered_by_the_other(
    pair: tuple[Running, Running], specimens: Specimens
):
    files = [("images", (path.name, path.read_bytes())) for path in specimens["bo"]]
    headers = {"Idempotency-Key": "once"}

    def send() -> None:
        with pair[0].client() as client, suppress(httpx.HTTPError):
            client.put("/v1/writers/cut/references", files=files, headers=headers)

    sender = threading.Thread(target=send)
    sender.start()
    time.sleep(0.1)
    pair[0].kill()
    sender.join()
    with pair[1].client() as client:
        until = time.monotonic() + 60
        while True:
            reply = client.put("/v1/writers/cut/references", files=files, headers=headers)
            if reply.status_code != 409 or time.monotonic() > until:
                break
            time.sleep(0.5)  # until the other one is known to be dead
        assert reply.status_code in (200, 201), reply.text
        assert len(client.get("/v1/writers/cut").json()["references"]) == len(files)


def test_a_kill_loses_nothing_that_was_acknowledged(
    pair: tuple[Running, Running], specimens: Specimens
):
    image = {"image": ("q.png", specimens["anna"][4].read_bytes())}
    writers: list[str] = []
    kept: list[str] = []
    with pair[1].client() as client:
        enrolled(client, specimens, "anna")

    def work(service: Running, number: int) -> None:
        with service.client() as client, suppress(httpx.HTTPError):
            for n in range(12):
                name = f"w{number}-{n}"
                data = specimens["bo"][n % 6].read_bytes() + bytes([number, n])
                reply = client.put(f"/v1/writers/{name}/references", files={"images": ("a", data)})
                assert reply.status_code == 201, reply.text
                writers.append(name)
                reply = client.post("/v1/verify", files=image, data={"writer": "anna"})
                assert reply.status_code == 200, reply.text
                kept.append(reply.json()["evidence"])

    crew = [threading.Thread(target=work, args=(pair[n % 2], n)) for n in range(4)]
    for one in crew:
        one.start()
    while len(kept) < 8:
        time.sleep(0.01)
    pair[0].kill()
    for one in crew:
        one.join()
    with pair[1].client() as client:
        for name in writers:
            assert client.get(f"/v1/writers/{name}").status_code == 200, name
        for number in kept:
            assert client.get(f"/v1/evidence/{number}").status_code == 200, number
    assert len(kept) >= 24


def test_a_database_that_is_gone_is_told_and_waited_for(
    pair: tuple[Running, Running], database: PostgresServer
):
    with pair[0].client() as client:
        assert client.get("/health/ready").status_code == 200
        database.kill()
        time.sleep(1.1)
        reply = client.get("/v1/jobs")
        assert (reply.status_code, reply.json()["code"]) == (503, "service_state")
        assert reply.headers["Retry-After"]
        assert client.get("/health/live").status_code == 200
        database.start()
        assert client.get("/v1/jobs").status_code == 200
