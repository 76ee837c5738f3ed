"""Documents on the command line: found, answered, enrolled and weighed by the rules of accounts.
Where the boxes lie is given here; that they are found is tested with the detector."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from drawn_pages import printed, put
from made_pdfs import pictures_pdf
from PIL import Image

from sigsearch.cli import main
from sigsearch.documents import finding
from sigsearch.documents.boxes import Box
from sigsearch.documents.crop_or_page import Glance
from sigsearch.synthesis import Writer

PLACES = ((150, 1100), (150, 1400))
WRITERS = {"Anna": Writer.from_seed(11, "latin"), "Bernd": Writer.from_seed(12, "latin")}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """index/ with two writers; both.png, a page that both signed; crop.png, Anna's alone."""
    home = tmp_path_factory.mktemp("documents")
    page = printed(lines=20)
    for (name, writer), (x, y) in zip(WRITERS.items(), PLACES, strict=True):
        (home / "refs" / name).mkdir(parents=True)
        for number in range(4):
            path = home / "refs" / name / f"{number}.png"
            Image.fromarray(writer.specimen(number).page).save(path)
        page = put(page, writer.specimen(5).page, x, y)
    Image.fromarray(page).save(home / "both.png")
    Image.fromarray(WRITERS["Anna"].specimen(5).page).save(home / "crop.png")
    with pytest.raises(SystemExit) as ended:
        main(["index", "build", str(home / "refs"), "--index", str(home / "index")])
    assert not ended.value.code
    return home


@pytest.fixture(autouse=True)
def given_boxes(monkeypatch: pytest.MonkeyPatch) -> None:
    class Given:
        threshold = 0.5

        def find(self, page: np.ndarray, least: float | None = None) -> tuple[Box, ...]:
            sizes = [writer.specimen(5).page.shape for writer in WRITERS.values()]
            return tuple(
                Box(x, y, width, height, 0.9)
                for (x, y), (height, width) in zip(PLACES, sizes, strict=True)
            )

    monkeypatch.setattr(finding, "shipped_detector", Given)


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]):
    def run(*words: object, code: int) -> tuple[str, str]:
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        out, err = capsys.readouterr()
        assert int(ended.value.code or 0) == code, err
        return out, err

    return run


def test_find_lists_cuts_out_and_draws(home: Path, tmp_path: Path, ask):
    both, boxes = home / "both.png", tmp_path / "boxes.png"
    out, _ = ask("find", both, "--json", "-o", tmp_path / "crops", "--show", boxes, code=0)
    page = json.loads(out)["found"][0]
    assert [one["address"] for one in page["found"]] == [f"{both}#signature={n}" for n in (1, 2)]
    assert (page["width"], page["height"]) == Image.open(boxes).size
    crops = sorted((tmp_path / "crops").iterdir())
    assert [path.name for path in crops] == [f"both-page1-signature{n}.png" for n in (1, 2)]
    assert Image.open(crops[1]).size == (page["found"][1]["box"]["width"],
                                         page["found"][1]["box"]["height"])  # fmt: skip
    assert "a signature alone" in ask("find", home / "crop.png", code=0)[0]


def test_find_tells_each_address_whole_and_quoted(home: Path, ask, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    lines = ask("find", home / "both.png", code=0)[0].splitlines()
    for number in (1, 2):
        assert f"  '{home / 'both.png'}#signature={number}'" in lines


@pytest.mark.parametrize("end", ["#signature=1", "#box=150,1100,300,100", "#page=1&signature=1"])
def test_find_is_asked_for_no_single_signature(home: Path, ask, end: str):
    _, err = ask("find", f"{home / 'both.png'}{end}", code=2)
    assert "both.png: `find` lists all" in err


def test_the_document_is_never_written_over(home: Path, tmp_path: Path, ask):
    both, pages = tmp_path / "both.png", tmp_path / "p-2.png"
    both.write_bytes((home / "both.png").read_bytes())
    link = tmp_path / "link.png"
    link.symlink_to(both)
    for out in (both, link):
        assert "the document itself" in ask("find", both, "--show", out, code=2)[1]
        asked = f"{both}#signature=1"
        assert "the document itself" in ask("clean", asked, "-o", out, code=2)[1]
    assert both.read_bytes() == (home / "both.png").read_bytes()
    data = pictures_pdf([np.asarray(Image.open(both))] * 2)
    pages.write_bytes(data)
    _, err = ask("find", pages, "--show", tmp_path / "p.png", code=2)
    assert "p-2.png: is the document itself" in err
    assert pages.read_bytes() == data
    assert not (tmp_path / "p-1.png").exists()


def test_one_page_is_drawn_to_the_name_that_is_given(home: Path, tmp_path: Path, ask):
    pages, show = tmp_path / "two.pdf", tmp_path / "p.png"
    pages.write_bytes(pictures_pdf([np.asarray(Image.open(home / "both.png"))] * 2))
    ask("find", f"{pages}#page=2", "--show", show, code=0)
    assert show.is_file()
    ask("find", pages, "--show", show, code=0)
    assert sorted(path.name for path in tmp_path.glob("*.png")) == ["p-1.png", "p-2.png", "p.png"]


def test_a_folder_is_made_for_crops_alone(home: Path, tmp_path: Path, ask):
    out = tmp_path / "new"
    ask("find", tmp_path / "nope.pdf", "-o", out, code=2)
    _, err = ask("find", home / "crop.png", "-o", out, code=0)
    assert "nothing to cut out" in err
    assert not out.exists()
    file = tmp_path / "text.png"
    file.write_bytes(b"")
    assert (
        "is a file; give the path of a folder"
        in ask("find", home / "both.png", "-o", file, code=2)[1]
    )
    ask("find", home / "both.png", "-o", out / "deep", code=0)
    assert len(list((out / "deep").iterdir())) == 2


def test_find_says_that_a_crop_is_in_doubt(home: Path, ask, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(finding, "look_at", lambda _page: Glance("unsure"))
    monkeypatch.setattr(finding, "held_against", lambda *_: "doubtful")
    assert "not sure" in ask("find", home / "crop.png", code=0)[0]
    page = json.loads(ask("find", home / "crop.png", "--json", code=0)[0])["found"][0]
    assert (page["seen"], page["sure"], page["found"]) == ("crop", False, [])


def test_each_signature_is_answered_and_only_a_chosen_one_accepts(home: Path, ask):
    both, index = home / "both.png", ("--index", home / "index")
    out, err = ask("query", both, *index, "--json", code=1)
    answers = [json.loads(line) for line in out.splitlines()]
    assert [one["candidates"][0]["writer"] for one in answers] == ["Anna", "Bernd"]
    assert [one["box"][1] for one in answers] == [1100, 1400]
    assert "2 signatures were found" in err
    alone = json.loads(ask("query", home / "crop.png", *index, "--json", code=0)[0])
    assert (alone["verdict"]["answer"], alone["box"]) == ("accepted", None)
    chosen = ask("verify", both, "--signature", 1, "-w", "Anna", *index, "--json", code=0)[0]
    assert json.loads(chosen)["verdict"]["answer"] == "accepted"
    many, _ = ask("verify", both, "-w", "Anna", *index, "--json", code=1)
    assert len(many.splitlines()) == 2
    ask("query", both, *index, "--signature", 3, code=2)


def test_a_page_is_enrolled_only_when_one_is_chosen(home: Path, tmp_path: Path, ask):
    both, index = home / "both.png", ("--index", tmp_path / "index")
    out, err = ask("index", "add", "Clara", both, *index, "--json", code=2)
    assert json.loads(out)["enrolled"] == 0
    assert f"choose one: {both}#signature=1" in err
    out, _ = ask("index", "add", "Clara", f"{both}#signature=2", *index, "--json", code=0)
    assert json.loads(out)["enrolled"] == 1
    again, _ = ask("index", "add", "Clara", f"{both}#signature=2", *index, "--json", code=0)
    assert json.loads(again)["known"] == 1


def test_clean_writes_the_ink(home: Path, tmp_path: Path, ask):
    ink = tmp_path / "ink.png"
    out, _ = ask("clean", home / "both.png", "--signature", 2, "-o", ink, "--json", code=0)
    told, pixels = json.loads(out), np.asarray(Image.open(ink))
    assert (told["height"], told["width"]) == pixels.shape
    assert set(np.unique(pixels)) == {0, 255}


def test_vectors_of_a_chosen_signature(home: Path, tmp_path: Path, ask):
    both, out = home / "both.png", tmp_path / "v.npy"
    ask("encode", f"{both}#signature=1", home / "crop.png", "-o", out, code=0)
    vectors = np.load(out)
    assert vectors[0] @ vectors[1] > 0.95
    ask("encode", both, "-o", out, code=2)


def test_an_account_is_signed_for_as_its_rules_say(home: Path, ask):
    both, index = home / "both.png", ("--index", home / "index")
    ask(
        "account",
        "set",
        "ACME",
        "any two of Anna, Bernd",
        "Anna alone up to 10,000",
        *index,
        code=0,
    )
    out, _ = ask("verify", both, "--account", "ACME", *index, "--json", code=0)
    rules = json.loads(out)["rules"]
    assert [rule["satisfied"] for rule in rules] == [True, False]
    assert {one["writer"] for one in rules[0]["counted"]} == {"Anna", "Bernd"}
    assert [one["box"][:2] for one in json.loads(out)["looked_at"]] == [list(at) for at in PLACES]
    out, _ = ask("verify", both, "--account", "ACME", *index, code=0)
    assert f"{both}#signature=2, box 150,1400," in out
    assert "accepted (match with Bernd)" in out
    copy = home / "refs" / "Anna" / "0.png"
    out, _ = ask("verify", copy, "--account", "ACME", "--amount", "1", *index, code=1)
    assert f"{copy}: review (match with Anna) A person should look at it: it seems" in out
    crop = home / "crop.png"
    ask("verify", crop, "--account", "ACME", "--amount", "2500", *index, code=0)
    out, _ = ask("verify", crop, "--account", "ACME", "--amount", "12,000", *index, code=1)
    assert "the amount 12,000 is over 10,000" in out
    _, err = ask("verify", crop, "--account", "ACME", "--amount", "12.500,00", *index, code=2)
    assert "'12.500,00' is not an amount; give a number such as" in err
    out, _ = ask("verify", crop, crop, "--account", "ACME", "--amount", "2500", *index, code=0)
    assert f"{crop} is the same signature as {crop}; it counts once" in out
    blank, empty = home / "blank.png", home / "empty.png"
    Image.fromarray(np.full((2300, 1650), 255, np.uint8)).save(blank)
    Image.fromarray(np.full((200, 400), 255, np.uint8)).save(empty)
    asked = ("--account", "ACME", "--amount", "2500", *index)
    _, err = ask("verify", crop, blank, empty, *asked, code=0)
    assert [f"passed over: {path}" in err for path in (blank, empty)] == [True, True]
    ask("verify", blank, crop, *asked, code=0)
    ask("verify", blank, empty, *asked, code=2)
    ask("verify", crop, f"{blank}#signature=1", *asked, code=2)
    assert "any 2 of Anna, Bernd" in ask("account", "list", *index, code=0)[0]
    _, err = ask("index", "forget", "Anna", *index, code=2)
    assert "named by the rules of ACME" in err
    ask("account", "set", "ACME", "any two of Anna, Nobody", *index, code=2)
    ask("account", "remove", "ACME", *index, code=0)
    ask("verify", both, "--account", "ACME", *index, code=2)
