"""People whom a provider vouches for, at the API: which tokens are taken, and as whose."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from identity_provider import AUDIENCE, CLIENT, SECRET, IdentityProvider, new_key
from running_service import Running

from sigsearch.errors import ArgumentRefused, NotSignedIn, ProviderFault
from sigsearch.server.oidc import provider as provider_file
from sigsearch.server.oidc.provider import Provider
from sigsearch.server.oidc.settings import OidcSettings, read_settings


@pytest.fixture(scope="module")
def trusting(
    provider: IdentityProvider, built: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """A service that trusts the provider, whose words for roles and tenants are its own."""
    folder = tmp_path_factory.mktemp("trusting")
    file = provider.settings(
        folder, tenant="org.branch", role_names={"clerk": "ask", "registrar": "enrol"}
    )
    provider.claims["org"] = {"branch": "default"}
    shutil.copytree(built, folder / "index")
    running = Running(folder / "index", ("--oidc", str(file))).start()
    yield running
    running.stop()


def status(running: Running, token: str, path: str = "/v1/writers") -> tuple[int, str]:
    with running.client(token) as client:
        reply = client.get(path)
    return reply.status_code, "" if reply.is_success else reply.json()["code"]


def part(document: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()


def test_a_valid_token_is_a_person_with_roles(trusting: Running, provider: IdentityProvider):
    token = provider.token(roles=["clerk", "unheard of"], name="Ada")
    assert status(trusting, token) == (200, "")
    assert status(trusting, token, "/metrics") == (403, "not_allowed")
    assert status(trusting, provider.token(roles="clerk audit"), "/v1/jobs") == (200, "")
    with trusting.client(token) as client:
        assert client.put("/v1/writers/x/references", files={"images": b"x"}).status_code == 403
    with trusting.client(provider.token(roles=["registrar"])) as client:
        reply = client.put("/v1/writers/x/references", files={"images": b"x"})
        assert reply.json()["code"] == "not_an_image"
    listed = [one for one in trusting.run("keys", "list") if one["person"] == "Ada"]
    assert len(listed) == 1


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": int(time.time()) - 60}, {"exp": None}, {"nbf": int(time.time()) + 600},
        {"aud": "somebody-else"}, {"aud": None}, {"iss": "https://evil.example"}, {"iss": None},
        {"sub": None},
    ],
    ids=["expired", "for_ever", "not_yet", "other_audience", "no_audience", "other_issuer",
         "no_issuer", "nobody"],
)  # fmt: skip
def test_tokens_that_are_not_for_here(trusting: Running, provider: IdentityProvider, claims: dict):
    assert status(trusting, provider.token(**claims)) == (401, "not_signed_in")


@pytest.mark.parametrize(
    "claims",
    [
        {"roles": None}, {"roles": ["unheard of"]}, {"roles": {"clerk": 1}}, {"org": {}},
        {"org": "default"}, {"org": {"branch": "unknown"}}, {"name": None}, {"name": " "},
        {"name": ["Ada"]}, {"name": "a\nb"},
    ],
    ids=["no_roles", "other_roles", "odd_roles", "no_tenant", "odd_tenant", "unknown_tenant",
         "no_name", "blank_name", "odd_name", "two_lines"],
)  # fmt: skip
def test_people_who_are_nobody_here(trusting: Running, provider: IdentityProvider, claims: dict):
    assert status(trusting, provider.token(**claims)) == (403, "not_allowed")


def forged(provider: IdentityProvider) -> dict[str, str]:
    """Tokens that the provider never signed."""
    good = provider.token()
    head, body, signature = good.split(".")
    mac = hmac.new(provider.public_pem(), f"{part({'alg': 'HS256', 'kid': 'first'})}.{body}"
                   .encode(), hashlib.sha256).digest()  # fmt: skip
    stolen = IdentityProvider()
    stolen.stop()
    stolen.address = provider.address
    stolen.claims = provider.claims
    other = json.loads(base64.urlsafe_b64decode(body + "=="))
    return {
        "none": f"{part({'alg': 'none'})}.{body}.",
        "none_with_key": f"{part({'alg': 'none', 'kid': 'first'})}.{body}.{signature}",
        "None": f"{part({'alg': 'None', 'kid': 'first'})}.{body}.",
        "hs256_with_the_public_key": f"{part({'alg': 'HS256', 'kid': 'first'})}.{body}."
        + base64.urlsafe_b64encode(mac).rstrip(b"=").decode(),
        "other_key": stolen.token(),
        "changed": f"{head}.{part({**other, 'roles': ['audit']})}.{signature}",
        "no_signature": f"{head}.{body}.",
        "other_algorithm": provider.token(algorithm="PS256"),
        "key_in_the_token": f"{part({'alg': 'RS256', 'jku': 'http://evil.example'})}.{body}.x",
        "no_json": "a.b.c",
        "very_long": "a" * 60_000 + ".b.c",
        "empty": "..",
    }


def test_what_the_provider_did_not_sign_is_refused(trusting: Running, provider: IdentityProvider):
    assert status(trusting, provider.token(roles=["clerk"]))[0] == 200
    for name, token in forged(provider).items():
        assert status(trusting, token) == (401, "not_signed_in"), name


def test_a_tenant_of_a_token_sees_no_other(trusting: Running, provider: IdentityProvider):
    trusting.run("tenants", "add", "hanoi")
    with trusting.client(provider.token(roles=["clerk"], org={"branch": "hanoi"})) as theirs:
        assert theirs.get("/v1/writers").json()["writers"] == []
        assert theirs.get("/v1/writers/anna").status_code == 404
    with trusting.client(provider.token(roles=["clerk"])) as ours:
        assert ours.get("/v1/writers/anna").status_code == 200


def test_whoever_is_revoked_stays_out(trusting: Running, provider: IdentityProvider):
    token = provider.token(sub="leaver", name="Leaver", roles=["clerk"])
    assert status(trusting, token)[0] == 200
    entry = next(one for one in trusting.run("keys", "list") if one["person"] == "Leaver")
    trusting.run("keys", "revoke", entry["id"])
    time.sleep(1.1)
    assert status(trusting, token) == (401, "not_signed_in")
    fresh = provider.token(sub="leaver", name="Renamed", roles=["clerk"])
    assert status(trusting, fresh) == (401, "not_signed_in")
    assert status(trusting, f"sgs_{entry['id']}_") == (401, "not_signed_in")


def test_keys_are_those_of_the_day(provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch):
    """An unknown key is asked for anew, but not each time; a withdrawn one is refused."""
    held = IdentityProvider()
    ours = Provider(OidcSettings(issuer=held.address, audience=AUDIENCE))
    try:
        first = ours.key("first")
        assert first["kty"] == "RSA"
        for _ in range(5):
            with pytest.raises(NotSignedIn):
                ours.key("unknown")
        assert held.asked["/keys"] == 1
        monkeypatch.setattr(provider_file, "AGAIN", 0.0)
        ours._again = 0.0
        held.keys = {"second": new_key()}
        assert ours.key("second")["n"] != first["n"]
        with pytest.raises(NotSignedIn):
            ours.key("first")
        held.answers["/keys"] = 500, b""
        ours._fetched -= provider_file.FRESH + 1
        ours._again = 0.0
        assert ours.key("second")  # the provider is away for a moment
        ours._fetched -= provider_file.GOOD
        with pytest.raises(ProviderFault):
            ours.key("second")
        held.answers.clear()
        ours._again = 0.0
        assert ours.key("second")
    finally:
        held.stop()


def test_a_new_key_is_found_by_a_service_that_runs(
    provider: IdentityProvider, tmp_path: Path, copied: Path
):
    running = Running(copied, ("--oidc", str(provider.settings(tmp_path)))).start()
    try:
        provider.keys["next"] = new_key()
        assert status(running, provider.token("next", roles=["ask"]))[0] == 200
    finally:
        running.stop()
        del provider.keys["next"]


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/keys", (200, b"[]")), ("/keys", (200, b'{"keys": 1}')), ("/keys", (200, b"\xff" * 99)),
        ("/keys", (200, b" " * 2**21)), ("/keys", (500, b"")), ("/keys", (302, b"")),
        ("/keys", (200, b"[" * 100_000)),
        ("/.well-known/openid-configuration", (200, b'{"issuer": "https://evil.example"}')),
        ("/.well-known/openid-configuration", (200, b"{}")),
    ],
    ids=["list", "no_list", "bytes", "large", "fails", "leads_on", "deep", "other", "empty"],
)  # fmt: skip
def test_a_provider_that_answers_nonsense(path: str, answer: tuple[int, bytes]):
    held = IdentityProvider()
    held.answers[path] = answer
    try:
        with pytest.raises(ProviderFault):
            Provider(OidcSettings(issuer=held.address, audience=AUDIENCE)).key("first")
    finally:
        held.stop()


def test_symmetric_keys_and_unsafe_addresses_are_not_taken():
    held = IdentityProvider()
    secret = {"kty": "oct", "kid": "s", "k": "c2VjcmV0"}
    held.answers["/keys"] = (
        200,
        json.dumps({"keys": [secret, 1, {"kty": "RSA", "kid": 5}]}).encode(),
    )
    try:
        with pytest.raises(NotSignedIn):
            Provider(OidcSettings(issuer=held.address, audience=AUDIENCE)).key("s")
        unsafe = {"issuer": held.address, "jwks_uri": "http://evil.example/keys"}
        held.answers["/.well-known/openid-configuration"] = 200, json.dumps(unsafe).encode()
        with pytest.raises(ProviderFault):
            Provider(OidcSettings(issuer=held.address, audience=AUDIENCE)).key("s")
    finally:
        held.stop()


def test_a_service_whose_provider_is_away_serves_keys(copied: Path, tmp_path: Path):
    away = IdentityProvider()
    file = away.settings(tmp_path)
    token = away.token()
    away.stop()
    running = Running(copied, ("--oidc", str(file))).start()
    try:
        assert status(running, running.key)[0] == 200
        with running.client(token) as client:
            reply = client.get("/v1/writers")
            assert (reply.status_code, reply.json()["code"]) == (503, "provider")
            assert int(reply.headers["Retry-After"]) >= 1
    finally:
        running.stop()


@pytest.mark.parametrize(
    "more",
    [
        {"issuer": "http://provider.example"}, {"algorithms": ["HS256"]}, {"algorithms": ["none"]},
        {"algorithms": []}, {"unknown": 1}, {"client_id": CLIENT}, {"role_names": {"x": "king"}},
        {"audience": ""},
    ],
    ids=["http", "hs256", "none", "no_algorithm", "unknown", "no_address", "no_role",
         "no_audience"],
)  # fmt: skip
def test_settings_that_mean_nothing_are_refused(tmp_path: Path, more: dict):
    file = tmp_path / "oidc.json"
    file.write_text(json.dumps({"issuer": "https://p.example", "audience": "x", **more}))
    with pytest.raises(ArgumentRefused, match=r"oidc\.json"):
        read_settings(file)


def test_a_secret_that_everybody_can_read_is_refused(tmp_path: Path):
    file = tmp_path / "oidc.json"
    file.write_text(json.dumps({"issuer": "https://p.example", "audience": "x",
                                "client_secret": SECRET}))  # fmt: skip
    file.chmod(0o644)
    with pytest.raises(ArgumentRefused, match="chmod 600"):
        read_settings(file)
    with pytest.raises(ArgumentRefused, match="cannot be read"):
        read_settings(tmp_path / "none.json")
