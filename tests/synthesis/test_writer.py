"""Writers and forgers: the same from a seed, alike within a writer, different between."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from sigsearch.imaging import signature_from_ink
from sigsearch.synthesis import LEVELS, SCRIPTS, Specimen, Writer, forge, forgery, stream


def reading(specimen: Specimen) -> NDArray[np.float64]:
    """A coarse picture of the ink, as a unit vector: enough to tell writers apart."""
    canvas = signature_from_ink(specimen.mask).canvas.astype(float)
    cells = canvas.reshape(12, 12, 28, 12).mean((1, 3))
    soft = sum(np.roll(cells, s, (0, 1)) for s in ((0, 0), (0, 1), (0, -1), (1, 0), (-1, 0)))
    centred = np.asarray(soft - np.mean(soft)).ravel()
    return centred / np.linalg.norm(centred)


def distance(first: Specimen, second: Specimen) -> float:
    return float(1 - reading(first) @ reading(second))


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_specimen_is_ink_with_a_margin_and_a_path_on_it(script: str) -> None:
    specimen = Writer.from_seed(5, script).specimen(2)
    assert specimen.ink.dtype == np.uint8
    assert specimen.mask.mean() > 0.005
    border = np.concatenate([specimen.ink[[0, -1]].ravel(), specimen.ink[:, [0, -1]].ravel()])
    assert not border.any()
    x, y, time, pressure = specimen.trajectory.T
    assert (np.diff(time) > 0).all()
    assert pressure.min() >= 0
    assert pressure.max() <= 1
    on = pressure > 0
    assert (
        specimen.ink[np.rint(y[on]).astype(int), np.rint(x[on]).astype(int)].astype(bool).mean()
        > 0.95
    )


def test_a_seed_gives_the_same_bytes_in_another_process() -> None:
    code = (
        "import hashlib; from sigsearch.synthesis import stream; h = hashlib.sha256();"
        "[h.update(s.ink.tobytes() + s.trajectory.tobytes()) for s in stream(9, 3, 2, 3)];"
        "print(h.hexdigest())"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    }
    assert len(runs) == 1


def test_specimens_depend_on_their_number_only_not_on_what_was_drawn_before() -> None:
    writer = Writer.from_seed(31)
    alone = writer.specimen(3)
    writer.specimen(0)
    assert np.array_equal(writer.specimen(3).ink, alone.ink)
    assert not np.array_equal(writer.specimen(4).ink, alone.ink)


def test_writers_differ_more_than_their_own_specimens() -> None:
    writers = [Writer.from_seed(seed) for seed in range(100, 130)]
    within = [distance(w.specimen(0), w.specimen(7)) for w in writers]
    between = [distance(a.specimen(0), b.specimen(0)) for a, b in pairwise(writers)]
    assert np.mean(within) < 0.6 * np.mean(between)


def test_forgeries_lie_between_genuine_specimens_and_other_writers_in_the_order_of_skill() -> None:
    writers = [Writer.from_seed(seed) for seed in range(200, 240)]
    genuine = np.mean([distance(w.specimen(0), w.specimen(7)) for w in writers])
    name, seen, traced = (
        np.mean([distance(w.specimen(0), forge(w, 6, w.seed + 1, level)) for w in writers])
        for level in LEVELS
    )
    assert genuine < traced < seen < name


def test_a_forger_keeps_his_habits() -> None:
    """Two tries of one forger are nearer to each other than to another forger's."""
    writers = [Writer.from_seed(seed) for seed in range(300, 330)]
    same, other = [], []
    for w in writers:
        first = forge(w, 1, 10, "seen")
        same.append(distance(first, forge(w, 2, 10, "seen")))
        other.append(distance(first, forge(w, 2, 11, "seen")))
    assert np.mean(same) < np.mean(other)


def test_a_tracing_is_slow_and_its_pressure_even() -> None:
    seconds, spread = [], []
    for seed in range(12):
        writer = Writer.from_seed(seed)
        pair = writer.specimen(0), forge(writer, 0, 1, "traced")
        seconds.append([s.trajectory[-1, 2] for s in pair])
        spread.append([s.trajectory[s.trajectory[:, 3] > 0, 3].std() for s in pair])
    assert np.mean(seconds, axis=0)[1] > 2 * np.mean(seconds, axis=0)[0]
    assert np.mean(spread, axis=0)[1] < 0.8 * np.mean(spread, axis=0)[0]


def test_resolution_changes_pixels_not_the_signature() -> None:
    writer = Writer.from_seed(8)
    fine, coarse = writer.specimen(1), writer.specimen(1, dpi=150)
    assert fine.ink.shape[1] == pytest.approx(2 * coarse.ink.shape[1], rel=0.1)
    assert distance(fine, coarse) < 0.05


def test_a_stream_yields_genuine_then_forged_writer_by_writer() -> None:
    found = list(stream(4, 2, 2, 3))
    assert [s.kind for s in found] == (["genuine"] * 2 + ["forgery"] * 3) * 2
    assert [s.level for s in found[2:5]] == list(LEVELS)
    assert len({s.writer for s in found}) == 2
    writer = Writer.from_seed(found[0].writer)
    assert np.array_equal(found[4].ink, forgery(writer, 2).ink)


def test_an_unknown_level_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="no forgery level 'perfect'; choose one of name"):
        forge(Writer.from_seed(1), 0, 1, "perfect")
