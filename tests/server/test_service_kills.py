"""Killed and started again: what was acknowledged is there."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from pathlib import Path

import httpx
from running_service import Running

from sigsearch import SignatureIndex

Specimens = dict[str, list[Path]]


def test_nothing_acknowledged_is_lost(served: Running, specimens: Specimens):
    data = [path.read_bytes() for paths in specimens.values() for path in paths]
    done: list[str] = []
    kept: list[str] = []

    def enrol(start: int) -> None:
        with served.client() as client:
            for n in range(1000):
                name = f"w{start}-{n}"
                files = {"images": ("a.png", data[n % len(data)], "image/png")}
                try:
                    reply = client.put(f"/v1/writers/{name}/references", files=files)
                    if reply.status_code == 201:
                        done.append(name)
                    asked = {"image": ("b.png", data[0], "image/png")}
                    reply = client.post("/v1/verify", files=asked, data={"writer": "anna"})
                    if reply.status_code == 200:
                        kept.append(reply.json()["evidence"])
                except httpx.HTTPError:
                    return

    crew = [threading.Thread(target=enrol, args=(n,)) for n in range(3)]
    for one in crew:
        one.start()
    for _ in range(2):
        before = len(done)
        while len(done) < before + 3:
            time.sleep(0.01)
    served.kill()
    for one in crew:
        one.join()
    served.start()
    with served.client() as client:
        for name in done:
            assert client.get(f"/v1/writers/{name}").status_code == 200, name
        for number in kept:
            assert client.get(f"/v1/evidence/{number}").status_code == 200
        assert client.get("/health/ready").status_code == 200
    assert len(done) >= 6


def test_a_request_that_was_cut_off_can_be_sent_again(served: Running, specimens: Specimens):
    files = [("images", ("a.png", path.read_bytes(), "image/png")) for path in specimens["bo"]]
    headers = {"Idempotency-Key": "once"}

    def send() -> None:
        with served.client() as client, suppress(httpx.HTTPError):
            client.put("/v1/writers/cut/references", files=files, headers=headers)

    sender = threading.Thread(target=send)
    sender.start()
    time.sleep(0.05)
    served.kill()
    sender.join()
    served.start()
    with served.client() as client:
        reply = client.put("/v1/writers/cut/references", files=files, headers=headers)
        assert reply.status_code in (200, 201)
        assert len(client.get("/v1/writers/cut").json()["references"]) == len(files)


def test_it_stops_in_order_and_answers_what_it_has_begun(served: Running, specimens: Specimens):
    files = [("images", ("a.png", path.read_bytes(), "image/png"))
             for paths in specimens.values() for path in paths]  # fmt: skip
    replies: list[httpx.Response] = []

    def send() -> None:
        with served.client() as client:
            replies.append(client.post("/v1/identify/batch", files=files))

    sender = threading.Thread(target=send)
    sender.start()
    while '"/v1/identify/batch"' not in served.told() and not replies and sender.is_alive():
        time.sleep(0.05)
        if served.process and _busy(served):
            break
    assert served.stop() in (0, -15)
    sender.join()
    assert len(replies[0].text.splitlines()) == len(files)
    with SignatureIndex.open(served.index, read_only=True) as index:
        assert len(index) == 16


def _busy(served: Running) -> bool:
    with served.client() as client:
        told = client.get("/metrics").text
    return any(
        line.startswith("sigsearch_at_work ") and float(line.split()[1]) > 0
        for line in told.splitlines()
    )


def test_a_busy_service_with_nonsense_among_its_requests(shared: Running, specimens: Specimens):
    """A third is malformed; there is no internal error, and every answer is the right one."""
    data = {name: paths[4].read_bytes() for name, paths in specimens.items()}
    with shared.client() as client:
        expected = {
            name: client.post("/v1/verify", files={"image": ("a.png", one)}, data={"writer": name})
            .json()["answer"]["score"]
            for name, one in data.items()
        }  # fmt: skip
    wrong: list[object] = []

    def ask(seed: int) -> None:
        with shared.client() as client:
            for n in range(6):
                name = list(data)[(seed + n) % len(data)]
                if n % 3 == 2:
                    nonsense = data[name][: 50 + 7 * n] + bytes(seed)
                    reply = client.post("/v1/verify", files={"image": ("a.png", nonsense)},
                                        data={"writer": name})  # fmt: skip
                    fine = reply.status_code in (413, 415, 422)
                else:
                    reply = client.post("/v1/verify", files={"image": ("a.png", data[name])},
                                        data={"writer": name})  # fmt: skip
                    fine = reply.status_code == 200
                    fine = fine and reply.json()["answer"]["score"] == expected[name]
                if not fine:
                    wrong.append((reply.status_code, reply.text[:300]))

    crew = [threading.Thread(target=ask, args=(n,)) for n in range(6)]
    for one in crew:
        one.start()
    for one in crew:
        one.join()
    assert wrong == []
