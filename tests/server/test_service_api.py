"""The endpoints as a client uses them."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote

import jsonschema
import pytest
from PIL import Image
from running_service import Running

from sigsearch import SignatureIndex, verify

Specimens = dict[str, list[Path]]


def file(path: Path, name: str | None = None) -> tuple[str, bytes, str]:
    return name or path.name, path.read_bytes(), "image/png"


def as_promised(shared: Running, document: object, kind: str) -> None:
    """The answer is what the OpenAPI document says."""
    with shared.client() as client:
        schemas = client.get("/openapi.json").json()
    schema = {"$ref": f"#/components/schemas/{kind}", "components": schemas["components"]}
    jsonschema.validate(document, schema)


def test_who_signed_is_answered_as_the_library_does(shared: Running, specimens: Specimens):
    image = specimens["anna"][4]
    with shared.client() as client:
        reply = client.post("/v1/identify", files={"image": file(image)}, data={"k": "2"})
    assert reply.status_code == 200
    as_promised(shared, reply.json(), "Identified")
    answer = reply.json()["answer"]
    with SignatureIndex.open(shared.index, read_only=True) as index:
        expected = index.identify(image, k=2).to_dict()
    expected["questioned"] = expected["verification"]["questioned"] = image.name
    assert answer == expected


def test_a_verification_is_that_of_the_library(shared: Running, specimens: Specimens):
    name = "chidi/dara"
    image = specimens[name][4]
    with shared.client() as client:
        reply = client.post("/v1/verify", files={"image": file(image)}, data={"writer": name})
    assert reply.status_code == 200
    as_promised(shared, reply.json(), "Verified")
    with SignatureIndex.open(shared.index, read_only=True) as index:
        expected = index.verify(image, name).to_dict()
    assert reply.json()["answer"] == {**expected, "questioned": image.name}


def test_images_are_compared_with_images(shared: Running, specimens: Specimens):
    anna, bo = specimens["anna"], specimens["bo"]
    with shared.client() as client:
        for others in (anna[:3], bo[:3]):
            files = [("image", file(anna[4])), *(("references", file(one)) for one in others)]
            reply = client.post("/v1/verify", files=files)
            assert reply.status_code == 200
            answer, expected = reply.json()["answer"], verify(anna[4], others).to_dict()
            for told in ("score", "verdict", "decision", "evidence"):
                assert answer[told] == expected[told]


def test_a_batch_has_errors_in_their_place(shared: Running, specimens: Specimens):
    files = [
        ("images", file(specimens["anna"][4], "one.png")),
        ("images", ("two.png", b"no image at all", "image/png")),
        ("images", file(specimens["bo"][4], "three.png")),
    ]
    with shared.client() as client:
        reply = client.post("/v1/identify/batch", files=files)
    lines = [json.loads(line) for line in reply.text.splitlines()]
    assert [line["questioned"] for line in lines] == ["one.png", "two.png", "three.png"]
    assert [line["error"] and line["error"]["code"] for line in lines] == [
        None, "not_an_image", None,
    ]  # fmt: skip
    for line in lines:
        as_promised(shared, line, "BatchLine")


def test_a_page_is_searched(shared: Running, specimens: Specimens):
    with shared.client() as client:
        reply = client.post("/v1/find", files={"image": file(specimens["bo"][0])})
    assert reply.status_code == 200
    as_promised(shared, reply.json(), "FoundDocument")
    assert reply.json()["found"][0]["seen"] == "crop"


@pytest.mark.parametrize("name", ["Émile / O'Neill", "..", "李 雷 2", "a%2Fb", "x?y#z", "."])
def test_names_of_any_kind_are_enrolled_listed_changed_and_erased(
    shared: Running, specimens: Specimens, name: str
):
    place = f"/v1/writers/{quote(name, safe='')}".replace("/.", "/%2E")
    with shared.client() as client:
        files = [("images", file(one)) for one in specimens["anna"][:2]]
        data = {"metadata": json.dumps({"branch": "hanoi"})}
        reply = client.put(f"{place}/references", files=files, data=data)
        assert reply.status_code == 201
        as_promised(shared, reply.json(), "EnrolmentReport")
        assert reply.json()["enrolled"] == 2
        assert client.put(f"{place}/references", files=files, data=data).status_code == 200
        held = client.get(place).json()
        assert held["name"] == name
        first = held["references"][0]
        assert first["metadata"] == {"branch": "hanoi"}
        one = client.get(f"{place}/references/{first['id']}")
        assert one.json() == first
        changed = client.patch(place, json={"metadata": {"branch": "hue"}})
        assert {r["metadata"]["branch"] for r in changed.json()["references"]} == {"hue"}
        assert client.delete(f"{place}/references/1").status_code == 200
        assert len(client.get(place).json()["references"]) == 1
        renamed = client.patch(place, json={"name": name + " new"})
        assert renamed.json()["name"] == name + " new"
        new = f"/v1/writers/{quote(name + ' new', safe='')}"
        receipt = client.delete(new, params={"proof": "true"})
        assert receipt.status_code == 200
        assert receipt.json()["incomplete"] is None
        assert client.get(new).status_code == 404


def test_writers_come_page_by_page(shared: Running):
    found, cursor = [], None
    with shared.client() as client:
        while True:
            page = client.get(
                "/v1/writers", params={"limit": 3, **({"cursor": cursor} if cursor else {})}
            )
            found += [one["name"] for one in page.json()["writers"]]
            cursor = page.json()["next"]
            if cursor is None:
                break
        assert found[:4] == ["anna", "bo", "chidi/dara", "李 雷"]
        assert client.get("/v1/writers", params={"cursor": "x"}).status_code == 422


def test_what_cannot_be_used_is_a_problem_with_its_code(shared: Running, specimens: Specimens):
    image = file(specimens["anna"][4])
    cases = [
        ({"image": ("a.png", b"text", "image/png")}, {"writer": "anna"}, 415, "not_an_image"),
        ({"image": image}, {"writer": "nobody"}, 404, "writer_unknown"),
        ({"image": image}, {"writer": "anna", "fmr": "7"}, 422, "request"),
        ({"image": image}, {"writer": "anna", "account": "x"}, 400, "request"),
        ({"image": image}, {"account": "x"}, 404, "account_unknown"),
        ({"image": image}, {"writer": "anna", "box": "1,2"}, 422, "argument"),
        ({"image": ("a.png", b"", "image/png")}, {"writer": "anna"}, 400, "request"),
    ]
    with shared.client() as client:
        for files, data, status, code in cases:
            reply = client.post("/v1/verify", files=files, data=data)
            assert (reply.status_code, reply.json()["code"]) == (status, code)
            assert reply.headers["content-type"] == "application/problem+json"
            as_promised(shared, reply.json(), "ProblemDetails")


def test_images_that_cannot_be_enrolled_are_told_one_by_one(shared: Running, specimens: Specimens):
    bad, good = ("images", ("bad.png", b"x", "image/png")), ("images", file(specimens["bo"][5]))
    with shared.client() as client:
        reply = client.put("/v1/writers/new/references", files=[bad])
        assert (reply.status_code, reply.json()["code"]) == (422, "not_an_image")
        assert client.get("/v1/writers/new").status_code == 404
        reply = client.put("/v1/writers/new/references", files=[bad, good])
        assert reply.status_code == 201
        assert [one["code"] for one in reply.json()["refused"]] == ["not_an_image"]
        assert client.delete("/v1/writers/new").json() == {"writer": "new", "removed": 1}


def test_an_idempotency_key_is_answered_once(shared: Running, specimens: Specimens):
    files = [("images", file(specimens["bo"][5]))]
    again = {"Idempotency-Key": "order 66"}
    with shared.client() as client:
        first = client.put("/v1/writers/again/references", files=files, headers=again)
        client.delete("/v1/writers/again/references/1")
        second = client.put("/v1/writers/again/references", files=files, headers=again)
        assert (first.status_code, second.status_code) == (201, 201)
        assert first.json() == second.json()
        assert client.get("/v1/writers/again").status_code == 404  # nothing was done again
        other = [("images", file(specimens["bo"][4]))]
        third = client.put("/v1/writers/again/references", files=other, headers=again)
        assert (third.status_code, third.json()["code"]) == (422, "repeated_differently")


def blank(folder: Path) -> Path:
    path = folder / "blank.png"
    Image.new("L", (400, 200), 255).save(path)
    return path


def test_an_account_asks_for_its_signatures(shared: Running, specimens: Specimens, tmp_path: Path):
    with shared.client() as client:
        rules = {"rules": ["anna alone up to 100", "all of anna, bo"]}
        assert client.put("/v1/accounts/ACME", json=rules).status_code == 200
        image = {"image": file(specimens["anna"][4])}
        reply = client.post("/v1/verify", files=image, data={"account": "ACME", "amount": "500"})
        as_promised(shared, reply.json(), "MandateChecked")
        assert reply.json()["answer"]["answer"] != "accepted"
        asked = {"account": "ACME", "amount": "50"}
        alone = client.post("/v1/verify", files=image, data=asked).json()["answer"]["answer"]
        empty = ("image", file(blank(tmp_path)))  # another page of the document
        both = client.post("/v1/verify", files=[*image.items(), empty], data=asked)
        assert both.json()["answer"]["answer"] == alone
        assert client.post("/v1/verify", files=[empty], data=asked).status_code == 422
        assert client.delete("/v1/writers/anna").status_code == 409
        assert client.delete("/v1/accounts/ACME").status_code == 204
        assert client.get("/v1/accounts").json() == []


def test_evidence_has_a_sheet_until_it_is_erased(shared: Running, specimens: Specimens):
    paths = specimens["anna"]
    with shared.client() as client:
        client.put("/v1/writers/gone/references", files=[("images", file(p)) for p in paths[:3]])
        ask = {"files": {"image": file(paths[4])}, "data": {"writer": "gone"}}
        number = client.post("/v1/verify", **ask).json()["evidence"]
        place = f"/v1/evidence/{number}"
        assert client.get(place).json()["answer"]["writer"] == "gone"
        page = client.get(place, params={"format": "html"})
        assert page.headers["content-type"].startswith("text/html")
        assert "Weight of the evidence" in page.text
        assert "data:image/png" in page.text
        assert client.get(place, params={"format": "pdf"}).content.startswith(b"%PDF")
        client.put("/v1/writers/gone/references", files=[("images", file(paths[5]))])
        changed = client.get(place, params={"format": "html"})
        assert (changed.status_code, changed.json()["code"]) == (409, "evidence_changed")
        assert client.get(place).status_code == 200
        assert client.delete("/v1/writers/gone").status_code == 200
        assert client.get(place).status_code == 410
        assert client.get("/v1/evidence/none").status_code == 404


def test_an_identification_has_a_sheet_of_its_best_writer(shared: Running, specimens: Specimens):
    with shared.client() as client:
        files = {"image": file(specimens["bo"][4])}
        number = client.post("/v1/identify", files=files).json()["evidence"]
        page = client.get(f"/v1/evidence/{number}", params={"format": "html"})
        assert page.status_code == 200


def test_health_and_metrics(shared: Running):
    with shared.client() as client:
        assert client.get("/health/live", headers={"Authorization": ""}).status_code == 200
        assert client.get("/health/ready").json() == {"status": "ready"}
        assert "sigsearch_requests_total" in client.get("/metrics").text
        page = client.get("/docs")
        assert "/v1/identify" in page.text
        assert "<script" not in page.text


def test_the_log_holds_no_names(shared: Running, specimens: Specimens):
    with shared.client() as client:
        client.get("/v1/writers/chidi%2Fdara")
        client.post("/v1/verify", files={"image": file(specimens["bo"][4], "secret.png")},
                    data={"writer": "chidi/dara"})  # fmt: skip
    told = shared.told()
    assert '"route": "/v1/verify"' in told
    assert all(name not in told for name in ("chidi", "secret", "owner", shared.key))
