"""Jobs: what takes long, and goes on after a kill."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import pytest
from archives import archive
from running_service import Running

from sigsearch.server.state.state import State

Specimens = dict[str, list[Path]]


def ended(client: httpx.Client, reply: httpx.Response) -> dict:
    assert reply.status_code == 202, reply.text
    place = reply.headers["Location"]
    while (job := client.get(place).json())["state"] in ("waiting", "running"):
        time.sleep(0.05)
    return job


def test_an_archive_is_enrolled_and_goes_on_after_a_kill(served: Running, specimens: Specimens):
    data = archive(specimens, "zip", copies=2)
    files = {"archive": ("all.zip", data, "application/zip")}
    with served.client() as client:
        reply = client.post("/v1/jobs", data={"kind": "enrol"}, files=files)
        place = reply.headers["Location"]
        while not client.get(place).json()["done"]:
            time.sleep(0.02)
    served.kill()
    served.start()
    with served.client() as client:
        job = ended(client, reply)
        assert job["state"] == "done", job
        assert job["report"]["enrolled"] + job["report"]["known"] == 48
        assert sorted(one["code"] for one in job["report"]["refused"]) == [
            "archive",
            "not_an_image",
        ]
        writer = client.get("/v1/writers/zip%2Fchidi%2Fdara").json()
        assert len(writer["references"]) == 12
        assert client.delete(place).status_code == 204
        assert client.get(place).status_code == 404
    assert not list((served.index.with_name("index.service") / "uploads").iterdir())


def test_erasure_takes_all_that_names_a_writer(served: Running, specimens: Specimens):
    with served.client() as client:
        asked = {"image": ("q.png", specimens["bo"][4].read_bytes(), "image/png")}
        number = client.post("/v1/identify", files=asked).json()["evidence"]
        data = archive({"bo": specimens["bo"][:1]}, "zip").replace(b"zip/anna/bad", b"xip/bobo/bad")
        ended(client, client.post("/v1/jobs", data={"kind": "enrol"}, files={"archive": data}))
        job = ended(client, client.post("/v1/jobs", data={"kind": "erase", "writer": "bo"}))
        assert job["state"] == "done", job
        assert job["report"]["receipt"]["writer"] == "bo"
        assert job["report"]["receipt"]["incomplete"] is None
        assert client.get(f"/v1/evidence/{number}").status_code == 410
        reply = client.post("/v1/jobs", data={"kind": "erase", "writer": "bo"})
        assert reply.status_code == 404
    served.stop()
    folder = served.index.with_name("index.service")
    image = specimens["bo"][4].read_bytes()[100:200]
    for file in folder.glob("state.sqlite*"):
        assert image not in file.read_bytes()


def test_retention_erases_what_is_older(served: Running):
    with served.client() as client:
        kept = ended(client, client.post("/v1/jobs", data={"kind": "retain", "keep": "1y"}))
        assert kept["report"]["erased"] == 0
        where = {"kind": "retain", "keep": "0d", "where": '{"branch": "hue"}'}
        client.patch("/v1/writers/anna", json={"metadata": {"branch": "hue"}})
        time.sleep(1.1)  # dates have whole seconds
        gone = ended(client, client.post("/v1/jobs", data=where))
        assert gone["report"] == {"erased": 1, "kept_for_an_account": 0, "incomplete": 0}
        assert client.get("/v1/writers/anna").status_code == 404
        assert client.get("/v1/writers/bo").status_code == 200


@pytest.mark.parametrize(
    ("data", "files", "code"),
    [
        ({"kind": "retain"}, {}, "request"),
        ({"kind": "retain", "keep": "soon"}, {}, "argument"),
        ({"kind": "enrol"}, {}, "request"),
        ({"kind": "enrol"}, {"archive": ("a.zip", b"no zip")}, "media_refused"),
        ({"kind": "erase", "writer": "nobody"}, {}, "writer_unknown"),
        ({"kind": "dance"}, {}, "request"),
    ],
)
def test_jobs_that_mean_nothing_are_refused(shared: Running, data: dict, files: dict, code: str):
    with shared.client() as client:
        files = files or {"unused": ("x", b"x")}
        assert client.post("/v1/jobs", data=data, files=files).json()["code"] == code
        assert client.get("/v1/jobs/none").json()["code"] == "job_unknown"


def test_what_is_past_its_time_goes(copied: Path, specimens: Specimens):
    running = Running(copied, ("--keep-days", "1")).start()
    with running.client() as client:
        asked = {"image": ("q.png", specimens["bo"][4].read_bytes(), "image/png")}
        number = client.post("/v1/verify", files=asked, data={"writer": "bo"}).json()["evidence"]
        with State(running.index.with_name("index.service")) as state:
            state.expire(time.time() - 3600)
            assert client.get(f"/v1/evidence/{number}").status_code == 200
            state.expire(time.time() + 1)
        assert client.get(f"/v1/evidence/{number}").status_code == 410
    running.stop()
    silent = Running(copied, ("--keep-days", "0"), running.key).start()
    with silent.client() as client:
        reply = client.post("/v1/verify", files=asked, data={"writer": "bo"})
        assert reply.json()["evidence"] is None
    silent.stop()
