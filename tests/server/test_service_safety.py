"""OWASP's list for APIs, item by item, against a service that runs. All of its tests are named in
docs/research/2026-11-29-owasp-api.md."""

from __future__ import annotations

import gzip
import socket
import struct
import time
import zlib
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import httpx
import pytest
from running_service import Running

Specimens = dict[str, list[Path]]
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="100">'
    '<image href="HREF" width="300" height="100"/></svg>'
)
OPEN = {"/health/live", "/health/ready"}
ROLES = ("enrol", "ask", "decide", "audit")


@pytest.fixture(scope="module")
def strict(shared: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A service with tight limits."""
    place = tmp_path_factory.mktemp("strict") / "index"
    running = Running(place, ("--max-body", "1", "--body-seconds", "1", "--head-seconds", "1"))
    yield running.start()
    running.stop()


def image(specimens: Specimens) -> dict[str, tuple[str, bytes, str]]:
    return {"image": ("a.png", specimens["anna"][4].read_bytes(), "image/png")}


def raw(running: Running, data: bytes, wait: float = 20) -> bytes:
    """What comes back for these bytes, until the service hangs up."""
    host, port = running.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=wait) as connection:
        connection.sendall(data)
        told = b""
        try:
            while part := connection.recv(65536):
                told += part
        except ConnectionResetError:
            pass
        return told


def endpoints(running: Running) -> list[tuple[str, str, dict]]:
    with running.client() as client:
        paths = client.get("/openapi.json").json()["paths"]
    return [(path, method, about) for path, all_ in paths.items() for method, about in all_.items()]


# 1: broken object level authorisation


def test_a_tenant_never_sees_another(served: Running, specimens: Specimens):
    served.run("tenants", "add", "other")
    ours, theirs = served.client(), served.client(served.new_key("Eve", *ROLES, tenant="other"))
    number = ours.post("/v1/verify", files=image(specimens), data={"writer": "anna"}).json()
    place = f"/v1/evidence/{number['evidence']}"
    assert ours.get(place).status_code == 200
    assert theirs.get(place).status_code == 404
    assert theirs.get(place, params={"format": "pdf"}).status_code == 404
    assert theirs.get("/v1/writers").json()["writers"] == []
    for method, path in (
        ("GET", "/v1/writers/anna"), ("DELETE", "/v1/writers/anna"),
        ("GET", "/v1/writers/anna/references/1"), ("DELETE", "/v1/writers/anna/references/1"),
    ):  # fmt: skip
        assert theirs.request(method, path).status_code == 404
    assert theirs.patch("/v1/writers/anna", json={"name": "x"}).status_code == 404
    reply = theirs.post("/v1/verify", files=image(specimens), data={"writer": "anna"})
    assert reply.status_code == 404
    found = theirs.post("/v1/identify", files=image(specimens)).json()["answer"]
    assert (found["candidates"], found["gallery"]["writer_count"]) == ([], 0)
    files = [("images", image(specimens)["image"])]
    again = {"Idempotency-Key": "same"}
    theirs.put("/v1/writers/anna/references", files=files, headers=again)
    mine = ours.put("/v1/writers/new/references", files=files, headers=again)
    assert mine.status_code == 201  # the key of another tenant is another key
    assert len(ours.get("/v1/writers/anna").json()["references"]) == 4
    assert theirs.delete("/v1/writers/anna").json()["removed"] == 1
    assert ours.get(place).status_code == 200


# 2: broken authentication


def test_nobody_is_let_in_without_a_key(shared: Running):
    keys = ("", "Bearer x", "Bearer sgs_x_y", "Basic b3duZXI6", f"bearer {shared.key}x")
    asked = [(path, method) for path, method, _ in endpoints(shared) if path not in OPEN]
    with httpx.Client(base_url=shared.address, timeout=60, verify=False) as client:
        for (path, method), key in product(asked, keys):
            headers = {"Authorization": key} if key else {}
            reply = client.request(method, path, headers=headers)
            assert (reply.status_code, reply.json()["code"]) == (401, "not_signed_in")
            assert "WWW-Authenticate" in reply.headers


def test_a_key_is_no_part_of_an_address(shared: Running):
    reply = httpx.get(f"{shared.address}/v1/writers", params={"key": shared.key})
    assert reply.status_code == 401


def test_a_revoked_key_is_refused_by_a_service_that_runs(served: Running):
    key = served.new_key("mail room", "ask")
    with served.client(key) as client:
        assert client.get("/v1/writers").status_code == 200
        served.run("keys", "revoke", key.split("_")[1])
        time.sleep(1.1)
        assert client.get("/v1/writers").status_code == 401
    assert key.split("_", 2)[2].encode() not in b"".join(
        one.read_bytes() for one in served.index.with_name("index.service").iterdir()
    )


# 3: broken object property level authorisation


def test_properties_that_nobody_may_set_are_refused(shared: Running):
    with shared.client() as client:
        for change in ({"number": 1}, {"name": 1}, {"metadata": {"a": 1}}, {"name": ""}, []):
            assert client.patch("/v1/writers/anna", json=change).status_code == 422


# 4: unrestricted resource consumption


def test_a_large_body_is_refused_before_it_is_read(strict: Running):
    head = (
        f"POST /v1/identify HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {strict.key}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n"
    )
    told = raw(strict, f"{head}Content-Length: {2**40}\r\n\r\n".encode())
    assert b" 413 " in told.splitlines()[0]
    assert b"body_too_large" in told


def test_a_large_body_of_unknown_length_is_cut_off(strict: Running):
    def parts() -> Iterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n'
        for _ in range(40):
            yield bytes(100_000)

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    with strict.client() as client:
        try:
            reply = client.post("/v1/identify", content=parts(), headers=headers)
            assert reply.status_code == 413
        except (httpx.ReadError, httpx.WriteError):
            pass  # it hung up on us
        assert client.get("/health/live").status_code == 200


def test_keys_are_looked_at_before_a_body_is_read(strict: Running):
    head = "POST /v1/identify HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\n"
    told = raw(strict, head.encode())  # nothing of the body is ever sent
    assert b" 401 " in told.splitlines()[0]


def test_roles_are_looked_at_before_a_body_is_read(strict: Running):
    key = strict.new_key("reader", "audit")
    head = (
        f"POST /v1/identify HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 500000\r\n\r\n"
    )
    assert b" 403 " in raw(strict, head.encode()).splitlines()[0]


def test_compressed_bodies_are_not_unpacked(strict: Running):
    with strict.client() as client:
        for packing in ("gzip", "deflate", "br", "identity, gzip"):
            reply = client.post(
                "/v1/identify",
                content=gzip.compress(bytes(10**6)),
                headers={"Content-Encoding": packing, "Content-Type": "multipart/form-data"},
            )
            assert (reply.status_code, reply.json()["code"]) == (415, "media_refused")


def test_clients_who_send_slowly_are_sent_away(strict: Running):
    begun = time.monotonic()
    assert raw(strict, b"GET /health/live HTTP/1.1\r\nX-Slow: ") == b""
    head = (
        f"POST /v1/identify HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {strict.key}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 500000\r\n\r\n--x"
    )
    told = raw(strict, head.encode(), wait=30)
    assert b" 408 " in told.splitlines()[0]
    assert time.monotonic() - begun < 25
    with strict.client() as client:
        assert client.get("/health/ready").status_code == 200


def test_an_image_that_is_small_as_a_file_and_large_as_pixels(shared: Running):
    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    size = 60_000
    rows = zlib.compress(bytes(size // 8 + 1) * 2000)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", size, size, 1, 0, 0, 0, 0))
    bomb += chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    with shared.client() as client:
        reply = client.post("/v1/identify", files={"image": ("bomb.png", bomb, "image/png")})
        assert (reply.status_code, reply.json()["code"]) == (413, "image_too_large")


def test_very_many_parts_are_refused(shared: Running):
    with shared.client() as client:
        files = [("images", (f"{n}.png", b"x", "image/png")) for n in range(1200)]
        assert client.post("/v1/identify/batch", files=files).status_code == 400
        fields = {f"field{n}": "x" for n in range(1200)}
        reply = client.post("/v1/identify", data=fields, files={"image": ("a", b"x")})
        assert reply.status_code == 400
        reply = client.post(
            "/v1/verify", data={"writer": "x" * 2_000_000}, files={"image": ("a", b"x")}
        )
        assert reply.status_code == 400


# 4 and 6: how often


def test_a_key_that_asks_too_often_is_told_to_wait(copied: Path):
    running = Running(copied, ("--rate", "2")).start()
    try:
        with running.client() as client:
            replies = [client.get("/v1/writers") for _ in range(12)]
            refused = [one for one in replies if one.status_code == 429]
            assert refused
            assert int(refused[0].headers["Retry-After"]) >= 1
            assert client.get("/health/live").status_code == 200
        with running.client(running.new_key("another", "ask")) as client:
            assert client.get("/v1/writers").status_code == 200
    finally:
        running.stop()


# 5: broken function level authorisation


def test_every_endpoint_asks_for_a_role(shared: Running, specimens: Specimens):
    """A key with a role gets past the gate of exactly the endpoints that are for it."""
    allowed = {
        "/v1/identify": {"ask", "decide"},
        "/v1/identify/batch": {"ask", "decide"},
        "/v1/verify": {"ask", "decide"},
        "/v1/find": {"ask", "decide", "enrol"},
        "/metrics": {"audit"},
    }
    clients = {role: shared.client(shared.new_key(f"only {role}", role)) for role in ROLES}
    for path, method, _ in endpoints(shared):
        if path in OPEN:
            continue
        expected = allowed.get(path, {"enrol"} if method in ("put", "patch", "delete") else None)
        for role, client in clients.items():
            place = path.replace("{name}", "nobody").replace("{id}", "none")
            status = client.request(method, place).status_code
            if expected is not None:
                assert (status == 403) == (role not in expected), (path, method, role, status)


# 7: server side request forgery


def test_nothing_is_fetched_from_a_path_or_an_address(shared: Running, specimens: Specimens):
    secret = specimens["anna"][4]
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.3)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}/a.png"
    with shared.client() as client:
        for text in (str(secret), address, f"file://{secret}", "-", "data:image/png;base64,AAAA"):
            reply = client.post("/v1/identify", data={"image": text}, files={"x": ("a", b"x")})
            assert reply.status_code == 422
            reply = client.post("/v1/identify", files={"image": (text, b"no image", "image/png")})
            assert reply.status_code == 415
            svg = SVG.replace("HREF", text)
            reply = client.post("/v1/identify", files={"image": ("a.svg", svg.encode())})
            assert reply.status_code in (415, 422)
    with pytest.raises(TimeoutError):
        listener.accept()


def test_what_is_enrolled_is_never_read_from_a_path_later(shared: Running, specimens: Specimens):
    """A reference's label is no path, so that a sheet made of it reads no file."""
    data = specimens["bo"][5].read_bytes()
    with shared.client() as client:
        for name in ("../../etc/passwd", "/etc/passwd", "C:\\boot.ini", "a\0b.png", "x" * 400):
            client.put("/v1/writers/path/references", files={"images": (name, data, "image/png")})
            source = client.get("/v1/writers/path").json()["references"][0]["source"]
            assert source.startswith("upload:")
            assert "/" not in source
            assert "\\" not in source
            assert len(source) < 150
            client.delete("/v1/writers/path")


# 8: misconfiguration


def test_headers_are_safe_everywhere(shared: Running):
    with shared.client() as client:
        for path in ("/v1/writers", "/docs", "/nowhere", "/openapi.json", "/health/live"):
            reply = client.get(path, headers={"Origin": "http://evil.example"})
            assert reply.headers["X-Content-Type-Options"] == "nosniff"
            assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
            assert "server" not in reply.headers
            assert not [name for name in reply.headers if name.startswith("access-control")]
        assert client.request("TRACE", "/v1/writers").status_code == 405
        assert client.options("/v1/writers").status_code == 405


def test_headers_do_not_change_what_is_asked(shared: Running):
    with shared.client() as client:
        tricks = {"X-HTTP-Method-Override": "DELETE", "X-Original-URL": "/v1/writers/anna",
                  "X-Forwarded-For": "127.0.0.1", "Host": "evil.example",
                  "X-Rewrite-URL": "/metrics"}  # fmt: skip
        reply = client.get("/v1/writers", headers=tricks)
        assert reply.json()["writers"][0]["name"] == "anna"
        twice = [("Authorization", f"Bearer {shared.key}"), ("Authorization", "Bearer x")]
        assert httpx.get(f"{shared.address}/v1/writers", headers=twice).status_code == 400


@pytest.mark.parametrize(
    "path",
    ["//v1/writers", "/v1//writers", "/V1/writers", "/v1/%77riters", "/v1/writers/",
     "/v1/x/../writers", "/v1/%2e%2e/writers", "/v1/writers%00", "/health/../v1/writers",
     "/v1;x/writers", "/health%2f..%2fv1%2fwriters"],
)  # fmt: skip
def test_paths_are_taken_as_they_are(shared: Running, path: str):
    """No spelling of an address comes to an endpoint past the key."""
    told = raw(shared, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert told.split()[1] in (b"404", b"401"), told


@pytest.mark.parametrize(
    "head",
    ["Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
     "Content-Length: 3\r\nContent-Length: 4\r\n",
     "Content-Length: -1\r\n", "Content-Length: 1e3\r\n", "Transfer-Encoding: xchunked\r\n"],
)  # fmt: skip
def test_requests_that_two_servers_read_differently_are_refused(shared: Running, head: str):
    text = (
        f"POST /v1/find HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {shared.key}\r\n{head}\r\nabc"
    )
    told = raw(shared, text.encode())
    assert told.split()[1] in (b"400", b"501"), told


def test_errors_tell_nothing_of_the_machine(shared: Running, specimens: Specimens):
    with shared.client() as client:
        for reply in (
            client.get("/nowhere"), client.post("/v1/identify", files={"image": ("a", b"x")}),
            client.get("/v1/writers/%ff"), client.get("/v1/writers/nobody"),
        ):  # fmt: skip
            assert reply.status_code < 500
            assert "/tmp" not in reply.text
            assert "Traceback" not in reply.text


# 9: improper inventory management


def test_every_address_is_described(shared: Running):
    described = {path for path, _, _ in endpoints(shared)}
    assert {"/v1/identify", "/v1/evidence/{id}", "/metrics", "/health/live"} <= described
    for path, method, about in endpoints(shared):
        assert about["description"], (path, method)
        if path not in OPEN:
            assert {"401", "403", "429", "503"} <= set(about["responses"])
            assert about["security"]


# 10: unsafe consumption; here of what clients send


def test_pages_show_names_and_file_names_as_text(shared: Running, specimens: Specimens):
    name = "<script>alert(1)</script>\"'&"
    data = specimens["anna"]
    with shared.client() as client:
        place = "/v1/writers/" + "".join(f"%{byte:02x}" for byte in name.encode())
        file = (f"{name}.png", data[0].read_bytes(), "image/png")
        client.put(f"{place}/references", files=[("images", file)])
        asked = (f"{name}.png", data[4].read_bytes(), "image/png")
        reply = client.post("/v1/verify", files={"image": asked}, data={"writer": name}).json()
        page = client.get(f"/v1/evidence/{reply['evidence']}", params={"format": "html"})
        assert page.status_code == 200
        assert "<script" not in page.text
        assert "&lt;script&gt;" in page.text
        assert "sandbox" in page.headers["Content-Security-Policy"]
        client.delete(place)


def test_files_are_stored_for_their_owner_alone(shared: Running):
    folder = shared.index.with_name("index.service")
    assert folder.stat().st_mode & 0o077 == 0
    assert (folder / "state.sqlite").stat().st_mode & 0o077 == 0
