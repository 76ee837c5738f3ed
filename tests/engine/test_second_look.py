"""An image as people hand it in is answered as a clean one is, or not firmly; by the shipped
encoder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from sigsearch import SignatureIndex, verify
from sigsearch.matching.reasons import Reason, capped, reasons_for
from sigsearch.synthesis import Writer

SEEDS = (3, 5, 9, 12)


def clean(seed: int, number: int = 6) -> Image.Image:
    page = Writer.from_seed(seed).specimen(number).page
    return Image.fromarray(np.pad(page, 40, constant_values=255))


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SignatureIndex]:
    with SignatureIndex.create(tmp_path_factory.mktemp("looks") / "index") as made:
        for seed in SEEDS:
            made.enrol(str(seed), [np.asarray(clean(seed, n)) for n in range(5)])
        yield made


@pytest.mark.parametrize(
    ("turn", "reason"),
    [
        (Image.Transpose.ROTATE_180, "upside_down"),
        (Image.Transpose.ROTATE_90, "quarter_turn"),
        (Image.Transpose.ROTATE_270, "quarter_turn"),
        (Image.Transpose.FLIP_LEFT_RIGHT, "mirrored"),
        (Image.Transpose.FLIP_TOP_BOTTOM, "mirrored"),
    ],
)
@pytest.mark.parametrize("seed", SEEDS)
def test_turned_pages_are_recognised_and_named(
    index: SignatureIndex, seed: int, turn: Image.Transpose, reason: str
):
    image = clean(seed).transpose(turn)
    answer, found = index.verify(image, str(seed)), index.identify(image)
    assert answer.decision == index.verify(clean(seed), str(seed)).decision == "match"
    assert found.writer == str(seed)
    for one in (answer, found):
        assert reason in [r.code for r in one.reasons]
        assert one.capped_by == ()


@pytest.mark.parametrize("degrees", [-20, -14, -8, 8, 14, 20])
@pytest.mark.parametrize("seed", SEEDS)
def test_tilted_pages_are_never_turned_away(index: SignatureIndex, seed: int, degrees: int):
    image = clean(seed).rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    answer = index.verify(image, str(seed))
    assert answer.decision != "non_match"
    assert answer.verdict.answer in ("accepted", "review")
    assert index.identify(image).candidates[0].writer == str(seed)


def test_strangers_stay_strangers(index: SignatureIndex):
    for seed in range(40, 52):
        answer = index.verify(clean(seed), "9")
        assert answer.decision == "non_match"
        assert answer.reasons == ()


@pytest.mark.parametrize("seed", SEEDS)
def test_what_stands_beside_does_not_decide(index: SignatureIndex, seed: int):
    page = Image.new("L", (clean(seed).width + 330, clean(seed).height), 255)
    page.paste(clean(seed))
    draw = ImageDraw.Draw(page)
    for at, digit in enumerate(
        ((0, 0, 30, 60), (40, 60, 60, 0), (70, 0, 95, 55), (110, 50, 140, 5))
    ):
        x = page.width - 220 + at * 22
        draw.line([x + digit[0], 60 + digit[1], x + digit[2], 60 + digit[3]], 30, 5)
    answer = index.verify(page, str(seed))
    assert answer.decision != "non_match"


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("wavy", [False, True])
def test_struck_through_is_at_most_inconclusive(index: SignatureIndex, seed: int, wavy: bool):
    page = clean(seed)
    height, width = page.height, page.width
    x = np.linspace(30, width - 30, 60)
    y = 0.5 * height + (3 * np.sin(x / 40) if wavy else 0 * x)
    ImageDraw.Draw(page).line(list(zip(x.tolist(), y.tolist(), strict=True)), 20, 5)
    answer, found = index.verify(page, str(seed)), index.identify(page)
    assert answer.decision != "match"
    assert found.decision == "unknown"
    if answer.decision == "inconclusive":
        assert answer.capped_by


def test_a_cross_is_nobodys_signature(index: SignatureIndex):
    page = Image.new("L", (400, 300), 255)
    draw = ImageDraw.Draw(page)
    draw.line((90, 60, 290, 240), 0, 6)
    draw.line((280, 70, 100, 235), 0, 6)
    answer = verify(page, page.rotate(3, fillcolor=255))
    assert answer.decision == "inconclusive"
    assert answer.capped_by == ("few_strokes",)
    assert (answer.evidence.weighed, answer.evidence.supports) == (False, "neither")
    assert index.verify(page, "9").decision == "inconclusive"


@pytest.mark.parametrize("seed", SEEDS)
def test_too_small_is_not_turned_away(index: SignatureIndex, seed: int):
    page = clean(seed)
    small = page.resize((95, 95 * page.height // page.width), Image.Resampling.LANCZOS)
    answer = index.verify(small, str(seed))
    assert answer.decision != "non_match"
    assert "too_small" in answer.warnings


def test_reasons_cap_what_they_forbid():
    reasons = reasons_for(["printed", "tilted", "few_strokes", "never_heard_of"])
    assert capped("match", reasons) == ("inconclusive", ("few_strokes",))
    assert capped("non_match", reasons) == ("inconclusive", ("tilted", "few_strokes"))
    assert capped("inconclusive", reasons) == ("inconclusive", ())
    assert reasons[3] == Reason("never_heard_of", "never heard of")
    assert reasons[1].to_dict()["caps"] == ["non_match"]


def test_pages_are_named_in_the_answer(index: SignatureIndex, tmp_path: Path):
    path = tmp_path / "two.tif"
    clean(9).save(path, save_all=True, append_images=[clean(5)])
    texts = {r.code: r.text for r in index.verify(f"{path}#page=2", "5").reasons}
    assert texts["several_pages"] == "page 2 of the file's 2 was read"
