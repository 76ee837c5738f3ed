"""Two services, each a process, on one index in a database: what one is told, the other knows."""

from __future__ import annotations

from pathlib import Path

import httpx
from running_postgres import PostgresServer
from running_service import Running


def asked(client: httpx.Client, image: dict[str, tuple[str, bytes]]) -> list[str]:
    """The writers whom a service finds, best first."""
    reply = client.post("/v1/identify", files=image)
    return [one["writer"] for one in reply.json()["answer"]["candidates"]]


def test_two_services_share_an_index(
    specimens: dict[str, list[Path]], tmp_path: Path, database: PostgresServer
):
    address = database.address("served", password="hush")
    services = [Running(tmp_path / name, ("--index", address)) for name in ("one", "two")]
    for number, service in enumerate(services):
        service.index.mkdir()
        service.index = service.index / str(number)  # so that each has a state of its own
        service.start()
    try:
        with services[0].client() as one, services[1].client() as two:
            for name in ("anna", "bo"):
                files = [("images", (path.name, path.read_bytes())) for path in specimens[name][:4]]
                reply = one.put(f"/v1/writers/{name}/references", files=files)
                assert reply.status_code == 201, reply.text
            image = {"image": ("question.png", specimens["bo"][5].read_bytes())}
            answers = [
                each.post("/v1/verify", files=image, data={"writer": "bo"}).json()["answer"]
                for each in (one, two)
            ]
            assert answers[0] == answers[1]
            assert asked(two, image)[0] == "bo"
            assert two.delete("/v1/writers/bo").status_code == 200
            assert asked(one, image) == ["anna"]
            assert one.post("/v1/verify", files=image, data={"writer": "bo"}).status_code == 404
            database.ask(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'sigsearch'"
            )
            assert one.get("/health/ready").status_code == 200
            assert one.get("/v1/writers/anna").status_code == 200
        assert not any("hush" in one.log.read_text() for one in services)
    finally:
        for service in services:
            service.stop()
