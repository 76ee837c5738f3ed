"""Work done by other processes: the same results and errors, and a killed one costs nothing."""

from __future__ import annotations

import os
import signal
from functools import partial
from pathlib import Path

import pytest

from sigsearch.documents.intake import signature_to_enrol
from sigsearch.errors import ImageMissing, ReaderLost
from sigsearch.imaging.ahead import ahead, in_turn
from sigsearch.imaging.crew import Crew


def killed_once(mark: Path) -> int:
    """Dies at its first call, and answers afterwards."""
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return os.getpid()


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other processes find the functions of this file."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))


def test_what_others_read_is_what_is_read_here(references: Path) -> None:
    files = sorted((references / "bo").glob("*.png"))
    with Crew(2, spared=1) as crew:
        read = [r.result() for _, r in ahead(partial(crew.call, signature_to_enrol), files)]
        with pytest.raises(ImageMissing, match=r"no\.png"):
            crew.call(signature_to_enrol, "no.png")
    for file, found in zip(files, read, strict=True):
        own = signature_to_enrol(file)
        assert (found.name, found.content_hash, found.box) == (own.name, own.content_hash, own.box)
        assert (found.canvas == own.canvas).all()


@pytest.mark.usefixtures("here")
def test_a_killed_process_is_replaced_and_its_work_done(tmp_path: Path) -> None:
    with Crew(2, spared=0) as crew:
        assert crew.call(killed_once, tmp_path / "mark") != os.getpid()


def test_work_that_kills_twice_is_an_error_and_the_next_is_done() -> None:
    with Crew(2, spared=0) as crew:
        with pytest.raises(ReaderLost, match="killed twice"):
            crew.call(os._exit, 1)
        assert crew.call(len, "abc") == 3


def test_nobody_calls_a_crew_that_has_left() -> None:
    crew = Crew(2, spared=0)
    crew.close()
    with pytest.raises(ReaderLost):
        crew.call(len, "abc")


def test_in_turn_nothing_is_done_before_it_is_asked_for() -> None:
    done: list[int] = []
    answers = in_turn(done.append, range(3))
    next(answers)
    assert done == [0]
