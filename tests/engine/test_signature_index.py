"""The four verbs on invented writers."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from small_encoder import make_encoder

from sigsearch import Rates, SignatureIndex, errors, verify
from sigsearch.datasets import read_dataset
from sigsearch.encoder import Encoder
from sigsearch.engine.enrolment import specimens_of
from sigsearch.engine.template import readings_of
from sigsearch.synthesis import Writer


@pytest.fixture(scope="module")
def built(tmp_path_factory, references: Path, encoder: Encoder):
    """An index that holds four of each writer's five specimens."""
    held = tmp_path_factory.mktemp("held")
    shutil.copytree(references, held / "refs")
    for left in (held / "refs").glob("*/4.png"):
        left.unlink()
    index, report = SignatureIndex.build(held / "refs", held / "index", encoder)
    yield index, report
    index.close()


def test_build_enrols_the_genuine_and_leaves_forgeries_out(built):
    index, report = built
    assert (report.enrolled, report.known, report.forgeries_left_out, report.refused) == (
        24,
        0,
        12,
        (),
    )
    assert sorted(w.name for w in index.writers())[:2] == ["anna", "bo"]
    assert {w.reference_count for w in index.writers()} == {4}


def test_building_twice_encodes_nothing(built, references: Path, encoder: Encoder, monkeypatch):
    index, _ = built
    monkeypatch.setattr(encoder, "embed", lambda *_: pytest.fail("encoded again"))
    dataset = read_dataset(references).only(lambda s: s.number != 5 and s.path.stem != "4")
    assert index.enrol_dataset(dataset).known == 24


def test_identify_ranks_the_writer_first(built, references: Path):
    index, _ = built
    answers = [index.identify(path, k=3) for path in sorted(references.glob("*/4.png"))]
    right = [a.candidates[0].writer == Path(a.questioned).parent.name for a in answers]
    assert sum(right) >= 5
    for answer in answers:
        assert [c.rank for c in answer.candidates] == [1, 2, 3]
        assert len({c.writer for c in answer.candidates}) == 3
        assert answer.to_dict()["gallery"]["writer_count"] == 6


def test_a_stranger_is_unknown(built):
    index, _ = built
    strangers = [index.identify(Writer.from_seed(500 + n).specimen(0).page) for n in range(8)]
    assert sum(answer.decision == "unknown" for answer in strangers) >= 6
    assert all((a.writer is None) == (a.decision == "unknown") for a in strangers)


def test_verify_against_a_writer(built, references: Path):
    index, _ = built
    rates = Rates(fmr=0.1, fnmr=0.1, against="random")
    own = index.verify(references / "bo" / "4.png", "bo", rates)
    other = index.verify(references / "anna" / "4.png", "bo", rates)
    assert own.score > other.score
    assert other.decision == "non_match"
    assert len(own.references) == 4
    closest = max(own.references, key=lambda reference: reference.score)
    assert own.best_reference == closest.source
    assert own.to_dict()["model"] == "patches-1"
    with pytest.raises(errors.WriterUnknown, match="nobody"):
        index.verify(references / "bo" / "4.png", "nobody")


def test_query_and_verify_say_the_same_of_the_same_pair(built, references: Path):
    """And what a verification does not accept, no search does."""
    index, _ = built
    pages = [*sorted(references.glob("*/4.png")), *sorted(references.glob("*/forgery_0.png"))]
    for page in [*pages, references / "bo" / "0.png"]:
        found = index.identify(page)
        best = found.candidates[0]
        assert found.verification == index.verify(page, best.writer)
        assert best.verification == found.verification.decision
        assert not found.accepted or found.verification.accepted
        for other in found.candidates[1:]:
            decision = index.verify(page, other.writer).decision
            assert other.verification in (None, decision)
    copied = index.identify(references / "bo" / "0.png")
    assert (copied.decision, copied.writer) == ("identified", "bo")
    assert (copied.accepted, copied.verdict.reasons) == (False, ("suspected_copy",))


def test_nobody_enrolled_is_for_a_person_to_look_at(
    tmp_path: Path, references: Path, encoder: Encoder
):
    with SignatureIndex.create(tmp_path / "index", encoder) as index:
        verdict = index.identify(references / "bo" / "0.png").verdict
    assert (verdict.answer, verdict.reasons) == ("review", ("nobody_enrolled",))


def test_a_copy_of_any_reference_is_suspected(tmp_path: Path, encoder: Encoder):
    """Whichever of many references it is, though only the likeliest pictures are compared."""
    writer = Writer.from_seed(7)
    pages = [tmp_path / f"{n}.png" for n in range(8)]
    for number, path in enumerate(pages):
        Image.fromarray(writer.specimen(number).page).save(path)
    with SignatureIndex.create(tmp_path / "index", encoder) as index:
        index.enrol("writer", pages)
        for path in pages:
            shifted = np.pad(np.asarray(Image.open(path)), ((3, 40), (61, 9)), constant_values=255)
            answer = index.verify(shifted, "writer")
            assert answer.suspected_copy is not None
            assert Path(answer.suspected_copy).name == path.name
            assert (answer.evidence.weighed, answer.evidence.supports) == (False, "neither")
        assert index.verify(pages[0], "writer").suspected_copy is not None
        assert index.verify(writer.specimen(9).page, "writer").suspected_copy is None


def test_verify_two_images_and_a_pair_with_itself(references: Path, encoder: Encoder):
    rates = Rates(fmr=0.1, fnmr=0.1, against="both")
    a, b = references / "bo" / "0.png", references / "bo" / "1.png"
    same, pair = verify(a, a, encoder, rates), verify(a, b, encoder, rates)
    assert same.score >= pair.score
    assert same.decision == "match"
    assert pair.score == pytest.approx(verify(b, a, encoder, rates).score, abs=1e-4)


def test_forget_needs_no_rebuild(tmp_path: Path, references: Path, encoder: Encoder):
    index, _ = SignatureIndex.build(references, tmp_path / "index", encoder)
    with index:
        assert index.forget("bo") == 5
        answer = index.identify(references / "bo" / "0.png", k=10)
        assert "bo" not in {c.writer for c in answer.candidates}
        with pytest.raises(errors.WriterUnknown):
            index.verify(references / "bo" / "0.png", "bo")
        assert index.enrol("bo", [references / "bo" / "0.png"]).enrolled == 1
        assert index.identify(references / "bo" / "0.png").candidates[0].writer == "bo"


def test_a_filter_holds_for_the_search_the_scores_and_the_gallery(
    tmp_path: Path, references: Path, encoder: Encoder
):
    """As if nothing were enrolled but the references of branch b."""
    pages = {name: sorted((references / name).glob("[0-4].png")) for name in ("anna", "bo", "dara")}
    questioned, where = pages["bo"][0], {"branch": "b"}
    with (
        SignatureIndex.create(tmp_path / "both", encoder) as both,
        SignatureIndex.create(tmp_path / "only", encoder) as only,
    ):
        both.enrol("bo", pages["bo"][:2], {"branch": "a"})
        both.enrol("anna", pages["anna"], {"branch": "a"})
        for index in (both, only):
            index.enrol("bo", pages["bo"][2:3], where)
            index.enrol("dara", pages["dara"][:2], where)
        found, expected = both.identify(questioned, where=where), only.identify(questioned)
        assert found == expected
        assert {c.writer: c.reference_count for c in found.candidates} == {"bo": 1, "dara": 2}
        assert found.gallery.writer_count == 2
        assert both.identify(questioned).candidates[0].reference_count == 3
        assert both.identify(questioned, where={"branch": "c"}).candidates == ()


def test_a_writer_forgotten_while_a_query_is_answered_is_left_out(
    tmp_path: Path, references: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
):
    index, _ = SignatureIndex.build(references, tmp_path / "index", encoder)
    search = index.index.search

    def search_and_forget(*given, **named):
        found = search(*given, **named)
        index.forget("anna")
        return found

    with index:
        monkeypatch.setattr(index.index, "search", search_and_forget)
        answer = index.identify(references / "bo" / "0.png", k=10)
    assert answer.candidates[0].writer == "bo"
    assert len(answer.candidates) == 5
    assert "anna" not in {c.writer for c in answer.candidates}


def test_one_bad_file_stops_nothing(tmp_path: Path, references: Path, encoder: Encoder):
    refs = tmp_path / "refs"
    shutil.copytree(references, refs)
    (refs / "bo" / "text.png").write_text("not a picture")
    whole = (refs / "bo" / "0.png").read_bytes()
    (refs / "anna" / "short.png").write_bytes(whole[: len(whole) // 2])
    index, report = SignatureIndex.build(refs, tmp_path / "index", encoder)
    with index:
        assert report.enrolled == 30
        assert {Path(r.source).name: r.code for r in report.refused} == {
            "text.png": "not_an_image",
            "short.png": "image_truncated",
        }
        answers = list(index.identify_many([refs / "bo" / "text.png", refs / "bo" / "1.png"]))
        assert isinstance(answers[0], errors.NotAnImage)
        assert answers[1].candidates[0].writer == "bo"


def test_a_file_that_cannot_be_read_is_refused_and_the_rest_enrolled(
    tmp_path: Path, references: Path, encoder: Encoder, monkeypatch
):
    read = Path.read_bytes
    bad = references / "bo" / "1.png"

    def failing(path: Path) -> bytes:
        if path == bad:
            raise OSError(5, "Input/output error")
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", failing)
    images = [references / "bo" / f"{n}.png" for n in range(3)]
    (tmp_path / "folder.png").mkdir()
    with SignatureIndex.create(tmp_path / "index", encoder) as index:
        report = index.enrol("bo", [*images, tmp_path / "folder.png"])
    assert report.enrolled == 2
    assert [r.code for r in report.refused] == ["image_missing", "not_an_image"]
    assert report.refused[0].reason == f"{bad}: cannot be read (Input/output error)"


def test_what_was_read_before_a_fault_is_enrolled(
    tmp_path: Path, references: Path, encoder: Encoder
):
    def specimens():
        yield from list(specimens_of(read_dataset(references)))[:3]
        raise ZeroDivisionError

    with SignatureIndex.create(tmp_path / "index", encoder) as index:
        with pytest.raises(ZeroDivisionError):
            index.enrol_all(specimens())
        assert len(index) == 3


def test_an_interrupted_build_goes_on(tmp_path: Path, references: Path, encoder: Encoder):
    dataset = read_dataset(references)
    encoded = []
    with SignatureIndex.create(tmp_path / "index", encoder) as index:
        specimens = list(specimens_of(dataset))
        index.enrol_all(specimens[:13])
    counting = Encoder(encoder.card, encoder.folder, encoder._network)
    counting.embed = lambda images, *_: encoded.extend(images) or encoder.embed(images)  # type: ignore[method-assign]
    with SignatureIndex.open(tmp_path / "index", counting) as index:
        report = index.enrol_all(specimens)
    assert (report.known, report.enrolled, len(encoded)) == (13, 17, 17)


def test_another_encoder_is_refused(tmp_path: Path, references: Path, encoder: Encoder):
    SignatureIndex.build(references, tmp_path / "index", encoder)[0].close()
    folder = tmp_path / "other"
    folder.mkdir()
    other = make_encoder(folder, "patches-2")
    with pytest.raises(errors.EncoderMismatch, match="patches-1"):
        SignatureIndex.open(tmp_path / "index", other)


def test_an_empty_index_knows_nobody(tmp_path: Path, encoder: Encoder):
    with SignatureIndex.create(tmp_path / "index", encoder) as index:
        answer = index.identify(Writer.from_seed(1).specimen(0).page)
    assert (answer.decision, answer.candidates) == ("unknown", ())


def test_embeddings_survive_the_index(tmp_path: Path, references: Path, encoder: Encoder):
    path = references / "anna" / "0.png"
    fresh = encoder.embed([path])
    with SignatureIndex.create(tmp_path / "index", encoder) as index:
        index.enrol("anna", [path])
        kept = readings_of(index.index.references("anna"), encoder.card)
    np.testing.assert_array_equal(kept.tokens, fresh.tokens)
    np.testing.assert_array_equal(kept.weights, fresh.weights)
    np.testing.assert_allclose(kept.vectors, fresh.vectors, atol=1e-6)
