"""OWASP's API Security Top 10 (2023): what the other tests leave open, and that each point has its
tests. docs/research/2026-11-29-owasp-api.md lists
them."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from pathlib import Path

import httpx
import pytest
from running_service import Running
from test_desk_forms import Clerk

from sigsearch.errors import ServiceBusy
from sigsearch.server.work import Work

Specimens = dict[str, list[Path]]
HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "research" / "2026-11-29-owasp-api.md"


def test_every_point_has_tests_that_are_there():
    rows = re.findall(r"^\| (API\d+) .*?\|(.*)\|$", PAGE.read_text(encoding="utf-8"), re.M)
    assert [point for point, _ in rows] == [f"API{n}" for n in range(1, 11)]
    written = "\n".join(path.read_text(encoding="utf-8") for path in HERE.glob("test_*.py"))
    for point, tests in rows:
        named = re.findall(r"`(test_\w+)`", tests)
        assert named, point
        for name in named:
            assert f"def {name}(" in written, (point, name)


# API1: broken object level authorisation


def test_what_else_another_tenant_has_is_not_there(served: Running, specimens: Specimens):
    served.run("tenants", "add", "other")
    ours = served.client()
    theirs = served.client(served.new_key("Eve", "enrol", "ask", "decide", "audit", tenant="other"))
    job = ours.post("/v1/jobs", data={"kind": "retain", "keep": "90y"}).json()["id"]
    assert ours.put("/v1/accounts/a", json={"rules": ["any one of anna"]}).status_code == 200
    place = Clerk(served, "Ours").opens(specimens["bo"][4], "bo")
    assert ours.get(f"/v1/jobs/{job}").status_code == 200
    for method, path in (("GET", f"/v1/jobs/{job}"), ("DELETE", f"/v1/jobs/{job}"),
                         ("DELETE", "/v1/accounts/a")):  # fmt: skip
        assert theirs.request(method, path).status_code == 404
    assert theirs.get("/v1/jobs").json() == []
    assert theirs.get("/v1/accounts").json() == []
    eve = Clerk(served, "Eve", "decide", tenant="other")
    assert eve.web.get(f"{place}/sheet").status_code == 404
    assert eve.send(f"{place}/lease").status_code in (404, 409)
    assert eve.send(f"{place}/release").status_code == 303  # of nothing
    assert [one["name"] for one in ours.get("/v1/accounts").json()] == ["a"]


# API2: broken authentication


def test_guessing_keys_at_the_desk_is_slowed_down(served: Running):
    with httpx.Client(base_url=served.address, timeout=60) as web:
        codes = [
            web.post("/desk/sign-in", data={"key": f"sgs_{n:012x}_guess"}).status_code
            for n in range(60)
        ]
    assert set(codes) == {401, 429}


def test_a_session_ends_with_its_key(served: Running):
    clerk = Clerk(served, "Leaver")
    assert clerk.web.get("/desk/").status_code == 200
    entry = next(one for one in served.run("keys", "list") if one["person"] == "Leaver")
    assert "hash" not in entry  # API3: nothing of the secret is told
    served.run("keys", "revoke", entry["id"])
    assert clerk.web.get("/desk/").status_code == 303
    assert clerk.send("/desk/next").status_code == 303


# API4: unrestricted resource consumption


def test_who_comes_to_a_full_queue_is_sent_away():
    free = threading.Event()

    async def crowd() -> list[BaseException | bool]:
        work = Work(workers=1, waiting=2)
        asked = [asyncio.create_task(work.run(free.wait, 60)) for _ in range(5)]
        while work.inside < 3:
            await asyncio.sleep(0)
        free.set()
        told = await asyncio.gather(*asked, return_exceptions=True)
        work.close()
        return told

    told = asyncio.run(crowd())
    assert told[:3] == [True] * 3
    assert all(isinstance(one, ServiceBusy) for one in told[3:])


# API6: unrestricted access to sensitive business flows


def test_one_person_with_two_keys_is_one_person(served: Running, specimens: Specimens):
    """Two people decide; a second key makes nobody a second person."""
    first, again = Clerk(served, "Ada"), Clerk(served, "Ada")
    place = first.opens(specimens["bo"][4], "bo")
    assert first.send(place, opinion="match").status_code == 303
    assert again.send(place, opinion="match").status_code == 409
    assert again.send("/desk/next").headers["location"] == "/desk/"


# API8: security misconfiguration


@pytest.mark.parametrize("path", ["/desk/", "/desk/sign-in", "/desk/static/desk.js", "/desk/none"])
def test_the_desk_is_safe_in_a_browser(shared: Running, path: str):
    reply = httpx.get(shared.address + path, headers={"Origin": "http://evil.example"})
    assert reply.headers["X-Frame-Options"] == "DENY"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in reply.headers["Content-Security-Policy"]
    assert "unsafe" not in reply.headers["Content-Security-Policy"]
    assert not [name for name in reply.headers if name.startswith("access-control")]


def test_a_request_in_the_clear_leaves_no_key_in_the_log(served: Running):
    with served.client() as client:
        client.get("/v1/writers")
        client.get("/v1/writers", params={"key": served.key})
    time.sleep(0.1)
    assert served.key not in served.told()
    assert served.key.split("_", 2)[2] not in served.told()
