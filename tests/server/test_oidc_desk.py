"""Signing in at the desk by a provider: there and back, and whoever else comes back."""

from __future__ import annotations

import json
import shutil
import socket
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from identity_provider import CLIENT, SECRET, IdentityProvider
from real_browser import CHROMIUM
from running_service import Running

if CHROMIUM is None:
    warnings.warn("THE SIGN-IN WAS NOT TESTED IN A BROWSER: install chromium", stacklevel=1)


@pytest.fixture(scope="module")
def desk(
    provider: IdentityProvider, built: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """A service whose desk signs in with the provider, at an address that is known before."""
    folder = tmp_path_factory.mktemp("vouched")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    file = provider.settings(
        folder, client_id=CLIENT, client_secret=SECRET, address=f"http://localhost:{port}"
    )
    shutil.copytree(built, folder / "index")
    running = Running(folder / "index", ("--oidc", str(file), "--port", str(port))).start()
    running.address = f"http://localhost:{port}"  # another site than 127.0.0.1, for a browser
    yield running
    running.stop()


class Visitor:
    """A browser that goes to the provider and back step by step."""

    def __init__(self, desk: Running) -> None:
        self.web = httpx.Client(base_url=desk.address, timeout=60)

    def leave(self, next: str = "/desk/new") -> str:
        """To the provider; the address that leads back."""
        there = self.web.get("/desk/oidc", params={"next": next})
        assert there.status_code == 303, there.text
        return httpx.get(there.headers["location"]).headers["location"]

    def arrive(self, place: str) -> httpx.Response:
        """Back at the desk, which wants nobody to try very often."""
        while (reply := self.web.get(place)).status_code == 429:
            time.sleep(0.5)
        return reply

    def is_in(self) -> bool:
        return self.web.get("/desk/new").status_code == 200


def changed(place: str, **parts: str | None) -> str:
    base, _, query = place.partition("?")
    asked = {name: values[0] for name, values in parse_qs(query).items()} | parts
    kept = {name: value for name, value in asked.items() if value is not None}
    return f"{base}?{httpx.QueryParams(kept)}"


def test_there_and_back(desk: Running, provider: IdentityProvider):
    visitor = Visitor(desk)
    assert "/desk/oidc?next=" in visitor.web.get("/desk/sign-in").text
    place = visitor.leave()
    arrived = visitor.arrive(place)
    assert arrived.status_code == 200
    assert 'content="0; url=/desk/new"' in arrived.text
    cookies = arrived.headers.get_list("set-cookie")
    assert any("SameSite=strict" in one and "HttpOnly" in one for one in cookies)
    assert visitor.is_in()
    assert "Ada" in visitor.web.get("/desk/").text
    assert visitor.arrive(place).status_code == 401  # a code works once
    listed = next(one for one in desk.run("keys", "list") if one["person"] == "Ada")
    desk.run("keys", "revoke", listed["id"])
    assert not visitor.is_in()
    assert visitor.arrive(visitor.leave()).status_code == 401


def test_roles_are_those_of_the_last_sign_in(desk: Running, provider: IdentityProvider):
    visitor = Visitor(desk)
    provider.claims = {"sub": "u2", "name": "Bo", "roles": ["decide", "audit"]}
    visitor.arrive(visitor.leave())
    assert visitor.web.get("/desk/audit").status_code == 200
    provider.claims["roles"] = ["decide"]
    other = Visitor(desk)
    other.arrive(other.leave())
    assert visitor.web.get("/desk/audit").status_code == 403
    provider.claims["roles"] = []
    assert Visitor(desk).arrive(Visitor(desk).leave()).status_code == 401  # begun elsewhere
    nobody = Visitor(desk)
    assert nobody.arrive(nobody.leave()).status_code == 403
    assert not nobody.is_in()


@pytest.mark.parametrize(
    "parts",
    [
        {"state": "x"}, {"state": None}, {"code": "unknown"}, {"code": None},
        {"iss": "https://evil.example"}, {"error": "access_denied<script>", "code": None},
    ],
    ids=["state", "no_state", "code", "no_code", "issuer", "error"],
)  # fmt: skip
def test_whoever_comes_back_otherwise_is_refused(
    desk: Running, provider: IdentityProvider, parts: dict
):
    provider.claims = {"sub": "u3", "name": "Cy", "roles": ["decide"]}
    visitor = Visitor(desk)
    reply = visitor.arrive(changed(visitor.leave(), **parts))
    assert reply.status_code == 401
    assert "<script>" not in reply.text
    assert not visitor.is_in()


def test_a_sign_in_belongs_to_one_browser(desk: Running, provider: IdentityProvider):
    """Whoever is lured to another's way back is not signed in as them."""
    attacker, victim = Visitor(desk), Visitor(desk)
    place = attacker.leave()
    victim.leave()
    assert victim.arrive(place).status_code == 401
    assert not victim.is_in()


@pytest.mark.parametrize(
    "claims",
    [{"nonce": "another"}, {"nonce": None}, {"aud": "sigsearch-api"}, {"exp": 1},
     {"aud": [CLIENT, "other"], "azp": "other"}, {"iss": "https://evil.example"}],
    ids=["nonce", "no_nonce", "audience", "expired", "party", "issuer"],
)  # fmt: skip
def test_tokens_of_another_sign_in_are_refused(
    desk: Running, provider: IdentityProvider, claims: dict
):
    provider.claims = {"sub": "u4", "name": "Di", "roles": ["decide"], **claims}
    visitor = Visitor(desk)
    assert visitor.arrive(visitor.leave()).status_code == 401
    assert not visitor.is_in()


@pytest.mark.parametrize("next", ["//evil.example/", "https://evil.example", "/v1/writers"])
def test_the_way_leads_into_the_desk_only(desk: Running, provider: IdentityProvider, next: str):
    provider.claims = {"sub": "u5", "name": "Ed", "roles": ["decide"]}
    visitor = Visitor(desk)
    assert 'url=/desk/"' in visitor.arrive(visitor.leave(next)).text


def test_a_provider_that_answers_nonsense_is_a_fault_of_its_own(
    desk: Running, provider: IdentityProvider
):
    for answer in ((200, b"[]"), (200, b"{}"), (500, b""), (200, json.dumps({}).encode())):
        provider.answers["/token"] = answer
        visitor = Visitor(desk)
        assert visitor.arrive(visitor.leave()).status_code == 503
        assert not visitor.is_in()
    provider.answers.clear()


def test_a_desk_without_a_provider_knows_no_such_page(shared: Running):
    with httpx.Client(base_url=shared.address) as web:
        assert web.get("/desk/oidc").status_code == 404
        assert web.get("/desk/oidc/back", params={"code": "x"}).status_code == 404
        assert "/desk/oidc" not in web.get("/desk/sign-in").text


def test_the_way_asks_for_proof(desk: Running):
    there = Visitor(desk).web.get("/desk/oidc")
    asked = parse_qs(urlsplit(there.headers["location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["code_challenge"][0]) == 43
    assert asked["scope"] == ["openid profile email"]
    cookie = there.headers["set-cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=lax", "Path=/desk/oidc"))


@pytest.mark.skipif(CHROMIUM is None, reason="NO BROWSER: install chromium")
def test_in_a_browser_one_click_leads_to_the_page(
    desk: Running, provider: IdentityProvider, browser: Any, monkeypatch: pytest.MonkeyPatch
):
    """The session's cookie is strict, and the way comes from another site."""
    provider.claims = {"sub": "u6", "name": "Fay", "roles": ["decide"]}
    monkeypatch.setattr(provider, "asks", True)
    page = browser.new_context(locale="en").new_page()
    page.set_default_timeout(20_000)
    page.goto(f"{desk.address}/desk/new")
    page.get_by_role("link", name="Sign in with your organisation's account").click()
    page.get_by_role("link", name="yes").click()
    page.wait_for_url("**/desk/new")
    assert page.get_by_text("Fay").is_visible()
