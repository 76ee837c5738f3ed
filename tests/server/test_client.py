"""The client answers as the library does."""

from __future__ import annotations

import inspect
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from running_service import Running

import sigsearch
from sigsearch import SignatureIndex, errors
from sigsearch.client.remote import RemoteIndex

Specimens = dict[str, list[Path]]


@pytest.fixture
def remote(shared: Running) -> RemoteIndex:
    return sigsearch.connect(shared.address, shared.key)


def test_the_same_verbs_give_the_same_results(
    shared: Running, remote: RemoteIndex, specimens: Specimens
):
    image = specimens["bo"][5]
    with SignatureIndex.open(shared.index, read_only=True) as index:
        signed = sigsearch.read_signature(image.read_bytes(), image.name)
        assert remote.identify(image, k=3).to_dict() == index.identify(signed, k=3).to_dict()
        rates = sigsearch.Rates(fmr=0.1, against="random")
        expected = index.verify(signed, "bo", rates).to_dict()
        assert remote.verify(image, "bo", rates).to_dict() == expected
        assert remote.compare(image, specimens["bo"][:2]).score == pytest.approx(
            sigsearch.verify(image, specimens["bo"][:2]).score, abs=1e-4
        )
        assert [one.name for one in remote.writers()] == [one.name for one in index.writers()]
        held = [one.content_hash for one in index.references("bo")]
        assert [one.id for one in remote.references("bo")] == held


def test_images_of_every_kind_are_sent(remote: RemoteIndex, specimens: Specimens):
    path = specimens["anna"][4]
    with Image.open(path) as picture, path.open("rb") as file:
        kinds = [path, str(path), path.read_bytes(), file, picture, np.asarray(picture)]
        answers = [remote.verify(one, "anna") for one in kinds]
    assert len({round(answer.score, 3) for answer in answers}) == 1


def test_an_account_is_asked_about_as_in_the_library(
    shared: Running, remote: RemoteIndex, specimens: Specimens
):
    with shared.client() as client:
        rules = {"rules": ["anna alone up to 100"]}
        assert client.put("/v1/accounts/remote", json=rules).status_code == 200
        image = specimens["anna"][4]
        for amount, stated in ((Decimal("12.500"), "12.50"), (12, "12"), ("1,000.5", "1000.5")):
            answer = remote.check_mandate(image, "remote", amount)
            assert answer.amount == stated
            assert [one.signature for one in answer.looked_at] == [image.name]
        for amount in ("12.500", Decimal("NaN"), -1):
            with pytest.raises(errors.ArgumentRefused):
                remote.check_mandate(image, "remote", amount)
        assert client.delete("/v1/accounts/remote").status_code == 204


def test_writers_are_enrolled_renamed_and_erased(remote: RemoteIndex, specimens: Specimens):
    report = remote.enrol("Zoë / 雷", [*specimens["bo"][:2], b"no image"], {"branch": "x"})
    assert (report.enrolled, [one.code for one in report.refused]) == (2, ["not_an_image"])
    assert remote.enrol("nobody", [b"no image"]).refused[0].code == "not_an_image"
    gone = remote.references("Zoë / 雷")[0]
    assert remote.remove("Zoë / 雷", "1") == gone
    assert remote.rename("Zoë / 雷", "Zoe") == 1
    assert remote.erase("Zoe").reference_count == 1
    with pytest.raises(errors.WriterUnknown):
        remote.forget("Zoe")


def test_many_are_answered_in_their_order(remote: RemoteIndex, specimens: Specimens):
    given = [specimens["anna"][4], b"nothing", specimens["bo"][4]]
    answers = list(remote.identify_many(given, k=1))
    assert isinstance(answers[1], errors.NotAnImage)
    assert [answer.questioned for answer in (answers[0], answers[2])] == [
        given[0].name, given[2].name,
    ]  # fmt: skip


def test_evidence_comes_with_the_answer(remote: RemoteIndex, specimens: Specimens):
    kept = remote.verify_kept(specimens["bo"][4], "bo")
    assert remote.evidence(str(kept.evidence)).startswith(b"%PDF")
    assert remote.find(specimens["bo"][4]).pages == 1


def test_faults_are_those_of_the_library(shared: Running, remote: RemoteIndex):
    with pytest.raises(errors.ImageMissing):
        remote.verify("no/such/file.png", "bo")
    with pytest.raises(errors.NotSignedIn):
        sigsearch.connect(shared.address, "sgs_wrong_key")
    with pytest.raises(errors.ServiceFault):
        sigsearch.connect("http://127.0.0.1:9", "sgs_a_b")
    with pytest.raises(errors.ArgumentRefused):
        sigsearch.connect("ftp://example.org", "sgs_a_b")


def test_the_verbs_take_what_those_of_an_index_take():
    for verb in ("identify", "verify"):
        ours, theirs = (
            inspect.signature(getattr(kind, verb)).parameters
            for kind in (RemoteIndex, SignatureIndex)
        )
        assert [(one.name, one.default) for one in ours.values()] == [
            (one.name, one.default) for one in theirs.values()
        ]
        assert getattr(RemoteIndex, verb).__qualname__ == f"RemoteIndex.{verb}"


def test_the_client_needs_no_server_installed():
    code = "import sys, sigsearch; sigsearch.connect; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert not loaded & {"fastapi", "sqlalchemy", "uvicorn", "pydantic", "onnxruntime", "faiss"}
