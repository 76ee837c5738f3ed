"""Whatever is sent to the described addresses, the answer is one of those that are described."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from running_service import Running

TEXTS = st.one_of(
    st.text(max_size=20), st.sampled_from(["anna", "1", "0", "-1", "1e9", "nan", "{}", "null"])
)
BYTES = st.one_of(st.binary(max_size=60), st.sampled_from([b"%PDF-1.7", b"\x89PNG\r\n\x1a\n"]))


def nested(one: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(one, max_size=2) | st.dictionaries(TEXTS, one, max_size=2)


@st.composite
def requests(draw: st.DrawFn, paths: dict[str, Any], image: bytes) -> dict[str, Any]:
    """A request to one of the described addresses, with parts that are mostly wrong."""
    path = draw(st.sampled_from(sorted(paths)))
    method = draw(st.sampled_from(sorted(paths[path])))
    about = paths[path][method]
    place, query, headers = path, {}, {}
    for one in about.get("parameters", []):
        value = draw(TEXTS)
        if one["in"] == "path":
            place = place.replace(f"{{{one['name']}}}", quote(value or "x", safe=""))
        elif draw(st.booleans()):
            target = query if one["in"] == "query" else headers
            target[one["name"]] = quote(value)
    asked: dict[str, Any] = {"method": method, "url": place, "params": query, "headers": headers}
    kinds = about.get("requestBody", {}).get("content", {})
    if "application/json" in kinds:
        leaves = st.none() | st.booleans() | TEXTS
        inner = st.recursive(leaves, nested, max_leaves=4)
        asked["json"] = draw(st.dictionaries(st.sampled_from(["name", "metadata", "rules"]), inner))
    elif kinds:
        names = st.sampled_from(["page", "box", "signature", "fmr", "fnmr", "strength", "against",
                                 "k", "fpir", "where", "writer", "account", "amount", "metadata",
                                 "keep_images", "candidates"])  # fmt: skip
        files = st.lists(st.tuples(
            st.sampled_from(["image", "images", "references"]),
            st.tuples(st.text(max_size=8).filter(bool), st.one_of(BYTES, st.just(image))),
        ), max_size=3)  # fmt: skip
        asked["data"] = draw(st.dictionaries(names, TEXTS, max_size=4))
        asked["files"] = draw(files)
    return asked


@pytest.fixture(scope="module")
def described(shared: Running) -> dict[str, Any]:
    with shared.client() as client:
        paths: dict[str, Any] = client.get("/openapi.json").json()["paths"]
    return paths


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_answers_are_as_described(
    shared: Running,
    described: dict[str, Any],
    specimens: dict[str, list[Path]],
    data: st.DataObject,
):
    asked = data.draw(requests(described, specimens["anna"][4].read_bytes()))
    with httpx.Client(base_url=shared.address, timeout=60, verify=False) as client:
        asked["headers"]["Authorization"] = f"Bearer {shared.key}"
        reply = client.request(**asked)
    assert reply.status_code < 500 or reply.status_code == 503, reply.text
    fitting = (path for path in described if _fits(path, asked["url"]))
    template = next((one for one in fitting if asked["method"] in described[one]), None)
    if template is not None:
        assert str(reply.status_code) in described[template][asked["method"]]["responses"]
    if reply.status_code >= 400:
        assert reply.headers["content-type"] == "application/problem+json"
        assert reply.json()["code"]


def _fits(path: str, url: str) -> bool:
    parts, given_ = path.split("/"), url.split("/")
    return len(parts) == len(given_) and all(
        one.startswith("{") or one == other for one, other in zip(parts, given_, strict=True)
    )
