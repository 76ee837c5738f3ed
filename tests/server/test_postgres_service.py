"""Services, each a process, on one index and one state in a database: what one is told, the other
knows; what one holds, the other does not get."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from clerk import Clerk
from running_postgres import PostgresServer
from running_service import Running
from two_services import enrolled, two_services

from sigsearch.index.postgres.address import Address
from sigsearch.server.rate import SharedLimit
from sigsearch.server.state.cases import Case, Opinion
from sigsearch.server.state.state import State

Specimens = dict[str, list[Path]]


@pytest.fixture(scope="module")
def pair(
    tmp_path_factory: pytest.TempPathFactory, database: PostgresServer
) -> Iterator[tuple[Running, Running]]:
    with two_services(tmp_path_factory.mktemp("pair"), database) as found:
        yield found


def asked(client: httpx.Client, image: dict[str, tuple[str, bytes]]) -> list[str]:
    """The writers whom a service finds, best first."""
    reply = client.post("/v1/identify", files=image)
    return [one["writer"] for one in reply.json()["answer"]["candidates"]]


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
        assert "bo" not in asked(one, image)
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
    with pair[0].state() as state:
        entry, whole = state.keys.add("default", "scanner", ["ask"])
        with pair[1].client(whole) as client:
            assert client.get("/v1/writers").status_code == 200
            state.keys.revoke(entry.id)
            time.sleep(1.1)
            assert client.get("/v1/writers").status_code == 401


def test_services_count_together_how_often_a_key_asks(pair: tuple[Running, Running]):
    rate, burst = 5.0, 16
    with pair[0].state() as first, pair[1].state() as second:
        limits = [SharedLimit(state.buckets, rate, burst) for state in (first, second)]
        begun, let_in = time.monotonic(), 0
        while (passed := time.monotonic() - begun) < 2:
            for limit in limits:
                let_in += not asyncio.run(limit.wait_for("key"))
        assert burst <= let_in <= burst + rate * (passed + 0.2)
        # A token may have fallen in since: the first refusal tells how long to wait.
        waits = (asyncio.run(limits[0].wait_for("key")) for _ in range(50))
        assert 0 < next(filter(None, waits)) <= 1 / rate + 0.01
    strict = [Running(one.index.with_name("strict"), (*one.words, "--rate", "1"), one.key)
              for one in pair]  # fmt: skip
    for one in strict:
        one.index.mkdir()
        one.start()
    begun, seen = time.monotonic(), []
    with strict[0].client() as one, strict[1].client() as two:
        for _ in range(10):
            seen += [client.get("/v1/accounts").status_code for client in (one, two)]
    let_in = seen.count(200)
    assert set(seen) == {200, 429}
    assert 2 <= let_in <= 2 + (time.monotonic() - begun) + 1
    for one in strict:
        one.stop()


def test_a_case_belongs_to_one_person_at_all_services(
    pair: tuple[Running, Running], specimens: Specimens
):
    with pair[0].client() as client:
        enrolled(client, specimens, "chidi/dara")
    anna, bo = Clerk(pair[0], "Anna"), Clerk(pair[1], "Bo")
    case = anna.opens(specimens["chidi/dara"][4], "chidi/dara")
    assert 'name="opinion"' in anna.web.get(case).text  # and now it is hers
    assert bo.send("/desk/next").headers["location"] == "/desk/"
    page = bo.web.get(case).text
    assert "Anna" in page
    assert 'name="opinion"' not in page
    assert anna.send(case, opinion="match").status_code == 303
    assert bo.send("/desk/next").headers["location"] == case
    # Who is signed in at one is signed in at the other.
    anna.web.base_url = httpx.URL(pair[1].address)
    assert "data-answer" in anna.web.get(case).text


def test_services_that_start_at_once_make_one_state(tmp_path: Path, database: PostgresServer):
    place = Address.parse(database.address(f"race_{time.monotonic_ns()}"))
    keys: list[str | None] = []
    faults: list[Exception] = []

    def start() -> None:
        try:
            with State(place) as state:
                keys.append(state.keys.first("default", "owner", ["ask"]))
        except Exception as fault:
            faults.append(fault)

    crew = [threading.Thread(target=start) for _ in range(6)]
    for one in crew:
        one.start()
    for one in crew:
        one.join()
    assert faults == []
    assert len([key for key in keys if key]) == 1


def test_opinions_given_at_once_come_one_after_the_other(database: PostgresServer):
    place = Address.parse(database.address(f"opinions_{time.monotonic_ns()}"))
    with State(place) as state:
        for round in range(5):
            case = state.cases.add("default", "x", "a\0\\", "w\0", "d", None, {}, [], {0: b"x"})
            seen: list[Case] = []

            def give(person: str, case: str = case, seen: list[Case] = seen) -> None:
                with State(place) as own:
                    given = Opinion(case, person, "match", (), "\0", False, time.time())
                    seen.append(own.cases.give("default", given))

            crew = [threading.Thread(target=give, args=(f"p{n}",)) for n in range(2)]
            for one in crew:
                one.start()
            for one in crew:
                one.join()
            found = state.cases.find("default", case)
            assert (found.state, found.decision, len(found.opinions)) == ("decided", "match", 2)
            assert (found.name, found.writer) == ("a\0\\", "w\0"), round
            assert sorted(len(one.opinions) for one in seen) == [1, 2]
