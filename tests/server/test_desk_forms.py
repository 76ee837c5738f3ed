"""The desk without a browser: who may see and send what."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from clerk import Clerk
from running_service import Running

from sigsearch import SignatureIndex
from sigsearch.server.desk.messages import LANGUAGES, catalogue

Specimens = dict[str, list[Path]]
TEMPLATES = Path(__file__).parents[2] / "sigsearch" / "server" / "templates" / "desk"


def test_two_people_decide_and_never_one_alone(served: Running, specimens: Specimens):
    first, second, third = (Clerk(served, name) for name in ("First", "Second", "Third"))
    place = first.opens(specimens["bo"][4], "bo")
    page = first.web.get(place).text
    assert "data-answer" not in page
    assert "likelihood" not in page
    assert first.web.get(f"{place}/sheet").status_code == 409
    assert first.send(place, opinion="non_match").status_code == 409  # without a reason
    assert second.send(place, opinion="match").status_code == 409  # the first holds it
    assert first.send(place, opinion="match").status_code == 303
    assert "data-answer" in first.web.get(place).text
    assert "Weight of the evidence" in first.web.get(f"{place}/sheet").text
    assert first.send(place, opinion="match").status_code == 409
    assert first.send("/desk/next").headers["location"] == "/desk/"
    assert second.send("/desk/next").headers["location"] == place
    seen = second.web.get(place).text
    assert "data-answer" not in seen
    assert "First</td>" not in seen
    assert second.send(place, opinion="non_match", reason="slant").status_code == 303
    assert third.send("/desk/next").headers["location"] == place
    assert third.send(place, opinion="match").status_code == 303
    told = third.web.get(place).text
    assert "Decided by people" in told
    assert all(f"{name}</td>" in told for name in ("First", "Second", "Third"))
    with served.client() as client:
        assert client.get("/health/ready").status_code == 200
    page = Clerk(served, "Auditor", "audit").web.get("/desk/audit").text
    assert page.count("<td>opinion</td>") == 3
    assert page.count("<td>decision</td>") == 1


def test_a_case_survives_a_kill_and_goes_with_its_writer(served: Running, specimens: Specimens):
    clerk = Clerk(served, "Clerk")
    place = clerk.opens(specimens["bo"][4], "bo")
    clerk.send(place, opinion="match")
    served.kill()
    served.start()
    clerk.web.base_url = httpx.URL(served.address)
    assert "You have given your opinion" in clerk.web.get(place).text
    assert clerk.web.get(f"{place}/pictures/0").content.startswith(b"\x89PNG")
    with served.client() as client:
        assert client.delete("/v1/writers/bo").status_code == 200
    assert clerk.web.get(place).status_code == 410
    assert clerk.web.get(f"{place}/pictures/0").status_code == 410


def test_forms_of_others_are_refused(shared: Running, specimens: Specimens):
    clerk = Clerk(shared, "Clerk")
    place = clerk.opens(specimens["bo"][4], "bo")
    for csrf in ("", "x", clerk.csrf[:-1] + "?"):
        reply = clerk.web.post(place, data={"csrf": csrf, "opinion": "match"})
        assert reply.status_code == 403
    other = Clerk(shared, "Other")
    assert clerk.web.post(place, data={"csrf": other.csrf, "opinion": "match"}).status_code == 403
    reply = clerk.web.post(place, data={"csrf": clerk.csrf, "opinion": "match"},
                           headers={"Sec-Fetch-Site": "cross-site"})  # fmt: skip
    assert reply.status_code == 403
    cookie = shared_cookie(shared)
    assert all(part in cookie for part in ("HttpOnly", "SameSite=strict", "Path=/desk"))
    assert clerk.send("/desk/sign-out").status_code == 303
    assert clerk.web.get(place).status_code == 303


def shared_cookie(shared: Running) -> str:
    key = shared.new_key("Cookie", "decide")
    reply = httpx.post(f"{shared.address}/desk/sign-in", data={"key": key}, verify=False)
    return reply.headers["set-cookie"]


def test_nobody_sees_a_page_without_the_role(shared: Running, specimens: Specimens):
    enrolling, auditing = Clerk(shared, "E", "enrol"), Clerk(shared, "A", "audit")
    for place in ("/desk/", "/desk/new", "/desk/documents/x", "/desk/cases/x", "/desk/audit"):
        assert enrolling.web.get(place).status_code == 403
        assert (
            httpx.get(shared.address + place, verify=False)
            .headers["location"]
            .startswith("/desk/sign-in")
        )
    assert auditing.web.get("/desk/enrol").status_code == 403
    assert auditing.send("/desk/enrol", {"images": ("a", b"x")}, writer="x").status_code == 403


def test_a_case_of_another_tenant_is_not_there(served: Running, specimens: Specimens):
    served.run("tenants", "add", "other")
    place = Clerk(served, "Ours").opens(specimens["bo"][4], "bo")
    theirs = Clerk(served, "Theirs", tenant="other")
    assert theirs.web.get(place).status_code == 404
    assert theirs.web.get(f"{place}/pictures/0").status_code == 404
    assert theirs.send(place, opinion="match").status_code == 404
    assert theirs.send("/desk/next").headers["location"] == "/desk/"


def test_names_are_shown_as_text_on_every_page(served: Running, specimens: Specimens):
    evil = "\"><script>alert(1)</script>'"
    clerk = Clerk(served, evil, "enrol", "decide", "audit", "ask")
    files = [("images", (f"{evil}.png", one.read_bytes())) for one in specimens["anna"][:2]]
    shown = clerk.send("/desk/enrol", [*files, ("images", (evil, b"bad"))], writer=evil)
    put = clerk.send("/desk/documents", {"image": (f"{evil}.png", files[0][1][1])})
    document = clerk.web.get(put.headers["location"])
    place = clerk.opens(specimens["anna"][4], evil, f"{evil}.png")
    clerk.send(place, opinion="match", remark=evil)
    pages = [clerk.web.get(one) for one in (place, f"{place}/sheet", "/desk/", "/desk/audit")]
    searched = clerk.send(put.headers["location"], what="search")
    for page in (shown, document, searched, *pages):
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;" in page.text
        policy = page.headers["Content-Security-Policy"]
        assert "script-src 'self'" in policy or "sandbox" in policy
    problem = clerk.web.get("/desk/cases/%3Cscript%3E")
    assert "<script>" not in problem.text


def test_the_answer_on_an_account_says_of_each_signature(served: Running, specimens: Specimens):
    image = specimens["anna"][4]
    with served.client() as client:
        rules = {"rules": ["anna alone", "all of anna, bo"]}
        assert client.put("/v1/accounts/ACME", json=rules).status_code == 200
        asked = {"image": ("q.png", image.read_bytes(), "image/png")}
        told = client.post("/v1/verify", files=asked, data={"account": "ACME"}).json()["answer"]
    clerk = Clerk(served, "Clara")
    put = clerk.send("/desk/documents", {"image": ("q.png", image.read_bytes(), "image/png")})
    page = clerk.send(put.headers["location"], what="account", account="ACME").text
    (seen,) = told["looked_at"]
    assert re.search(rf"<ol>\s*<li>anna: {seen['answer']}</li>\s*</ol>", page)
    assert "given twice" not in page


@pytest.mark.parametrize(
    "place", ["//evil.example/", "https://evil.example", "/desk/\\evil", "/v1/"]
)
def test_signing_in_leads_nowhere_else(shared: Running, place: str):
    key = shared.new_key("Clerk", "decide")
    reply = httpx.post(f"{shared.address}/desk/sign-in", data={"key": key, "next": place})
    assert reply.headers["location"] == "/desk/"


def test_every_text_is_said_in_every_language():
    used = {
        text
        for file in TEMPLATES.glob("*.html")
        for text in re.findall(r'_\("([^"]+)"\)', file.read_text(encoding="utf-8"))
    }
    assert len(used) > 50
    for language in set(LANGUAGES) - {"en"}:
        assert used <= set(catalogue(language)), language


def test_the_language_is_that_of_the_browser_or_chosen(shared: Running):
    with httpx.Client(base_url=shared.address, verify=False) as web:
        assert 'lang="vi"' in web.get("/desk/sign-in", headers={"Accept-Language": "vi"}).text
        assert 'html lang="en"' in web.get("/desk/sign-in", headers={"Accept-Language": "xx"}).text
        web.get("/desk/language/fr")
        assert 'html lang="fr"' in web.get("/desk/sign-in").text


def test_the_machines_answer_may_come_first(copied: Path, specimens: Specimens):
    """As a setting of the service; in the clerk's language; the decision log says who saw it."""
    running = Running(copied, ("--answer-first",)).start()
    try:
        clerk = Clerk(running, "Clerk")
        place = clerk.opens(specimens["bo"][4], "bo")
        assert "data-answer" in clerk.web.get(place).text
        assert "Weight of the evidence" in clerk.web.get(f"{place}/sheet").text
        german = clerk.web.get(place, headers={"Accept-Language": "de"}).text
        assert "The findings" not in german
        assert "Die Befunde sprechen" in german
        assert clerk.send(place, opinion="match").status_code == 303
    finally:
        running.stop()
    with SignatureIndex.open(copied, read_only=True) as index:
        given = [one for one in index.index.decisions() if one.event == "opinion"]
    assert [one.facts["saw_answer"] for one in given] == [True]


def test_many_documents_become_cases_by_a_list(served: Running, specimens: Specimens):
    clerk = Clerk(served, "Clerk")
    good = specimens["bo"][4].read_bytes()
    rows = "image,writer\nfirst.png,bo\nC:\\scans\\second.png,李 雷\nbad.png,bo\n"
    rows += "stranger.png,nobody\n"
    files = [
        ("image", ("first.png", good)),
        ("image", ("second.png", specimens["李 雷"][4].read_bytes())),
        ("image", ("bad.png", b"no image <b>")),
        ("image", ("stranger.png", good + b"x")),
        ("image", ("unsaid.png", good + b"y")),
        ("image", ("claims.csv", rows.encode())),
    ]
    told = clerk.send("/desk/documents", files).text
    assert told.count("/desk/cases/") == 2
    assert "nobody" in told
    queue = clerk.web.get("/desk/").text
    left = re.findall(r'href="(/desk/documents/[^"]+)">([^<]+)<', queue)
    assert [name for _, name in left] == ["stranger.png", "unsaid.png"]
    # By the key for the next one: the cases, and then the documents.
    for _ in range(2):
        case = clerk.send("/desk/next").headers["location"]
        assert case.startswith("/desk/cases/")
        assert clerk.send(case, opinion="match").status_code == 303
    assert clerk.send("/desk/next").headers["location"] == left[0][0]
    assert 'value="nobody"' in clerk.web.get(left[0][0]).text
    assert Clerk(served, "Other").send("/desk/next").headers["location"].startswith("/desk/cases/")
    assert clerk.send(f"{left[0][0]}/drop").status_code == 303
    assert clerk.web.get(left[0][0]).status_code == 404
    assert clerk.send("/desk/next").headers["location"] == left[1][0]
    # One at a time, as the script sends them.
    row = clerk.send("/desk/documents/one", [files[0], files[5]]).text
    assert row.count("<tr>") == row.count("/desk/cases/") == 1
    refused = clerk.send("/desk/documents", [files[0], ("image", ("x.csv", b"a,b\n1,2\n"))])
    assert refused.status_code == 422
    with served.client() as client:
        assert client.delete("/v1/writers/bo").status_code == 200
    assert 'value="bo"' not in clerk.web.get("/desk/").text


def test_a_tenant_may_show_the_answer_at_once(served: Running, specimens: Specimens):
    for name, order in (("open", "answer-first"), ("shut", "own-opinion-first")):
        assert served.run("tenants", "add", name, "--desk", order)["desk"] == order
        clerk = Clerk(served, "Clerk", "decide", "enrol", tenant=name)
        images = [("images", (path.name, path.read_bytes())) for path in specimens["bo"][:4]]
        assert clerk.send("/desk/enrol", images, writer="bo").status_code == 200
        case = clerk.opens(specimens["bo"][4], "bo")
        assert ("data-answer" in clerk.web.get(case).text) == (order == "answer-first")
        other = "own-opinion-first" if order == "answer-first" else "answer-first"
        assert served.run("tenants", "change", name, "--desk", other)["desk"] == other
        assert ("data-answer" in clerk.web.get(case).text) == (other == "answer-first")
        served.run("tenants", "change", name, "--desk", "as-service")
        assert "data-answer" not in clerk.web.get(case).text
    assert [one["desk"] for one in served.run("tenants", "list")] == ["as-service"] * 3
