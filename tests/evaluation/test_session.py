"""The trials are what they claim to be, and the scores are those of the references named."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sigsearch.arrays import Singles
from sigsearch.datasets import Dataset, Protocol, read_dataset
from sigsearch.errors import DatasetError
from sigsearch.evaluation.scorers.peers.hog import Hog
from sigsearch.evaluation.session import Run, evaluate, samples_by_id
from sigsearch.imaging import Signature, read_signature
from sigsearch.trials.drawing import TrialPlan, draw_references, writer_rows
from sigsearch.trials.scorer import Features, mean_score


class Counting:
    """A scorer that tells how many signatures it was asked to prepare."""

    name = "grey mass"
    id = "counting-1"
    searches = True

    def __init__(self) -> None:
        self.prepared = 0

    def prepare(self, signatures: Sequence[Signature]) -> Features:
        self.prepared += len(signatures)
        return {"mass": np.array([s.canvas.mean() for s in signatures], np.float32)}

    def compare(self, questioned: Features, references: Features) -> Singles:
        return -np.abs(questioned["mass"][:, None] - references["mass"][None, :])

    def screen(self, questioned: Features, references: Features) -> None:
        return None

    def fuse(self, questioned: Singles, own: Singles) -> Singles:
        return mean_score(questioned, own)


def test_every_row_can_be_made_again_from_its_images(run: Run) -> None:
    samples, hog = samples_by_id(run), Hog()
    drawn: dict[tuple[str, int, str], list[str]] = {}
    for one in run.drawn:
        drawn.setdefault((one.role, one.draw, one.writer), []).append(one.reference)
    table = run.scores
    random = np.random.default_rng(0)
    for row in random.choice(len(table), 25, replace=False):
        one = table.where(np.array([row]))
        writer, count = one.writer.values()[0], int(one.references[0])
        names = drawn[one.role.values()[0], int(one.draw[0]), writer][:count]
        question = one.questioned.values()[0]
        assert question not in names
        read = [read_signature(samples["invented", n].source) for n in (question, *names)]
        features = hog.prepare(read)["hog"]
        expected = float((features[:1] @ features[1:].T).mean())
        assert one.scores["oriented gradients"][0] == pytest.approx(expected, abs=1e-5)


def test_kinds_are_what_the_questioned_signature_truly_is(run: Run) -> None:
    samples, table = samples_by_id(run), run.scores
    rows = zip(table.kind.values(), table.questioned.values(), table.writer.values(), strict=True)
    for kind, questioned, writer in rows:
        sample = samples["invented", questioned]
        own = sample.writer == writer
        expected = ("genuine" if sample.genuine else "skilled") if own else "random"
        assert kind == expected


def test_roles_never_mix(run: Run) -> None:
    table = run.scores
    by_role = {
        role: set(table.where(table.role.equal(role)).writer.present())
        for role in ("validation", "test")
    }
    assert len(by_role["validation"]) == 2
    assert len(by_role["test"]) == 4
    assert not by_role["validation"] & by_role["test"]


def test_the_same_signatures_are_questioned_however_many_references(run: Run) -> None:
    table = run.scores
    sets = []
    for count in (1, 3):
        rows = table.where(table.references == count)
        sets.append(
            set(
                zip(rows.draw.tolist(), rows.writer.values(), rows.questioned.values(), strict=True)
            )
        )
    assert sets[0] == sets[1]


def test_draws_do_not_depend_on_what_else_is_evaluated(
    split: Dataset, run: Run, plan: TrialPlan
) -> None:
    alone = evaluate([split.only(lambda s: s.writer == "bo")], [Hog()], plan=plan)
    drawn = [d for d in run.drawn if d.writer == "bo"]
    assert list(alone.drawn) == drawn


def test_searches_name_the_right_writer_and_the_best_other(run: Run) -> None:
    assert run.searches is not None
    test = run.searches.where(run.searches.role.equal("test"))
    assert set(test.gallery.tolist()) == {4}
    assert ((test.rank == 1) == (test.score > test.other)).all()
    assert test.scorer.present() == ["oriented gradients"]  # trivial baselines do not search


def test_a_scorer_that_screens_finds_as_one_that_looks_at_all(
    split: Dataset, plan: TrialPlan
) -> None:
    class Screening(Hog):
        def screen(self, questioned, references):
            return self.compare(questioned, references)

    plan = TrialPlan(references=(1,), draws=1, others=1, probes=3, candidates=2)
    full = evaluate([split], [Hog()], plan=plan).searches
    screened = evaluate([split], [Screening()], plan=plan).searches
    assert full is not None
    assert screened is not None
    looked_at = screened.score > -np.inf
    np.testing.assert_array_equal((full.rank <= 2), looked_at)
    np.testing.assert_allclose(screened.score[looked_at], full.score[looked_at], rtol=1e-5)
    np.testing.assert_array_equal(screened.rank[looked_at], full.rank[looked_at])


def test_images_are_prepared_once(dataset: Dataset, tmp_path: Path, plan: TrialPlan) -> None:
    first, second = Counting(), Counting()
    before = evaluate([dataset], [first], plan=plan, cache=tmp_path)
    after = evaluate([dataset], [second], plan=plan, cache=tmp_path)
    assert (first.prepared, second.prepared) == (len(dataset), 0)
    np.testing.assert_array_equal(
        before.scores.scores["grey mass"], after.scores.scores["grey mass"]
    )


def test_a_damaged_cache_is_made_again(dataset: Dataset, tmp_path: Path, plan: TrialPlan) -> None:
    (tmp_path / "counting-1.npz").write_bytes(b"not an archive")
    scorer = Counting()
    evaluate([dataset], [scorer], plan=plan, cache=tmp_path)
    assert scorer.prepared == len(dataset)


def test_a_dataset_outside_the_protocol_is_tested_whole(dataset: Dataset, plan: TrialPlan) -> None:
    run = evaluate([dataset], [Hog()], Protocol.load("unseen-writers-1"), plan)
    assert run.scores.role.present() == ["test"]
    assert "in no protocol" in run.notes[0]


def only(dataset: Dataset, *writers: str) -> Dataset:
    return dataset.only(lambda s: s.writer in writers)


def test_one_writer_has_no_random_forgeries(dataset: Dataset, plan: TrialPlan) -> None:
    run = evaluate([only(dataset, "bo")], [Hog()], plan=plan)
    assert run.scores.kind.present() == ["genuine", "skilled"]
    assert run.searches is None
    assert any("one writer" in note for note in run.notes)


def test_without_forgeries_the_rest_is_measured(dataset: Dataset, plan: TrialPlan) -> None:
    run = evaluate([dataset.only(lambda s: s.genuine)], [Hog()], plan=plan)
    assert run.scores.kind.present() == ["genuine", "random"]
    assert any("no skilled forgeries" in note for note in run.notes)


def test_one_image_a_writer(dataset: Dataset, plan: TrialPlan) -> None:
    one_each = dataset.only(lambda s: s.number == 0 and s.genuine)
    with pytest.raises(DatasetError, match="one genuine signature per writer"):
        evaluate([one_each], [Hog()], plan=plan)  # the only genuine signature is the reference
    with_forgeries = dataset.only(lambda s: s.number == 0 or not s.genuine)
    run = evaluate([with_forgeries], [Hog()], plan=plan)
    assert run.scores.kind.present() == ["skilled"]
    assert any("nothing genuine to compare" in note for note in run.notes)


def test_nothing_at_all_to_compare(dataset: Dataset, plan: TrialPlan) -> None:
    lonely = dataset.only(lambda s: s.id == "bo/0.png")
    with pytest.raises(DatasetError, match="nothing to compare"):
        evaluate([lonely], [Hog()], plan=plan)


def test_too_few_signatures_for_the_references_asked_for(dataset: Dataset) -> None:
    run = evaluate([dataset], [Hog()], plan=TrialPlan(references=(1, 8), draws=1))
    assert set(run.scores.references.tolist()) == {1}
    assert any("0 of 6 writers" in note and "8 references" in note for note in run.notes)


def test_unreadable_images_are_left_out_and_told(
    references: Path, tmp_path: Path, plan: TrialPlan
) -> None:
    for writer in ("anna", "bo"):
        (tmp_path / writer).mkdir()
        for number in range(4):
            source = references / writer / f"{number}.png"
            (tmp_path / writer / source.name).write_bytes(source.read_bytes())
    Image.new("L", (300, 100), 255).save(tmp_path / "bo/blank.png")
    (tmp_path / "bo/broken.png").write_bytes(b"\x89PNG\r\n\x1a\nand no more")
    run = evaluate([read_dataset(tmp_path)], [Hog()], plan=plan)
    assert {item.path.name for item in run.left_out} == {"blank.png", "broken.png"}
    assert len(run.scores)


def test_rows_of_writers_with_one_text_are_each_other_s_impostors(references: Path) -> None:
    """As in Cross-media: the same name by another hand is the skilled forgery."""
    path = references.parent / "names.csv"
    lines = ["path,writer,kind,hand,text"]
    for hand in ("anna", "bo"):
        for name in ("x", "y"):
            numbers = (0, 1) if name == "x" else (2, 3)
            lines += [f"{references / hand / f'{n}.png'},{hand}/{name},genuine,{hand},{name}"
                      for n in numbers]  # fmt: skip
    path.write_text("\n".join(lines))
    found = {who.writer: who for who in writer_rows(read_dataset(path))}
    samples = read_dataset(path).samples
    assert {samples[n].writer for n in found["anna/x"].skilled} == {"bo/x"}
    run = evaluate([read_dataset(path)], [Hog()], plan=TrialPlan(references=(1,), draws=1))
    pairs = set(
        zip(
            run.scores.kind.values(),
            (samples_by_id(run)["names", q].writer for q in run.scores.questioned.values()),
            run.scores.writer.values(),
            strict=True,
        )
    )
    assert ("skilled", "bo/x", "anna/x") in pairs
    assert ("random", "bo/y", "anna/x") in pairs
    assert ("random", "anna/y", "anna/x") not in pairs  # the same hand is no random forger


def test_one_genuine_signature_at_least_is_questioned(dataset: Dataset) -> None:
    who = writer_rows(only(dataset, "bo"))[0]
    drawn = draw_references(who, TrialPlan(references=(1, 4, 5)), "x", 0)
    assert drawn.counts == (1, 4)
    assert (len(drawn.references), len(drawn.questioned)) == (4, 1)
