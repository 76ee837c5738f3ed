"""Whose signature it is: the folder's name, verbatim, unless a known layout is sure."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath

import pytest

from sigsearch.datasets import Dataset, read_dataset
from sigsearch.datasets.layouts import TREES
from sigsearch.datasets.recognition import recognise
from sigsearch.errors import DatasetError


def writers(dataset: Dataset) -> dict[str, int]:
    return {writer: len(dataset.genuine(writer)) for writer in dataset.writers}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (("1204417/1204417_1.webp", "1204418/1204418_1.webp"), {"1204417": 1, "1204418": 1}),
        (("anna/original_1_1.webp", "bob/original_1_2.webp"), {"anna": 1, "bob": 1}),
        (("anna/full_org/original_1_1.png", "bob/full_org/original_1_2.png"),
         {"anna": 1, "bob": 1}),
        (("anna/U7S1.png", "anna/U7S2.png"), {"anna": 2}),
        (("anna/genuine/U7S1.png", "anna/genuine/U7S2.png"), {"anna": 2}),
        (("anna/c-001-01.png", "bob/c-001-02.png"), {"anna": 1, "bob": 1}),
        (("7/c-007-01.png", "007/c-007-02.png"), {"7": 1, "007": 1}),
        (("anna/B-S-1-G-01.tif", "bob/B-S-1-G-01.tif"), {"anna": 1, "bob": 1}),
        (("anna/0001v01.png", "0001/0001v02.png"), {"anna": 1, "0001": 1}),
        (("4417/001_01.png", "4417/0119001_01.png"), {"4417": 2}),
        (tuple(f"{w}/{n}.png" for w in (101, 102) for n in range(1, 41)), {"101": 40, "102": 40}),
        (("Andrew Forge/1.png", "Andrew/1.png"), {"Andrew": 1, "Andrew Forge": 1}),
        (("Andrew_Forge/Forge_1.png", "Andrew/1.png"), {"Andrew": 1, "Andrew_Forge": 1}),
        (("Jan Fake/1.png",), {"Jan Fake": 1}),
        (("Robert Downey Jr./1.png", "Müller (Berlin)/1.png"),
         {"Müller (Berlin)": 1, "Robert Downey Jr.": 1}),
        (("- anna -/1.png", "_bob_/1.png", "(c)/1.png"), {"(c)": 1, "- anna -": 1, "_bob_": 1}),
        (("hanoi/anna/1.png", "hanoi/bob/1.png"), {"anna": 1, "bob": 1}),
        (("gen/1.png", "anna/1.png"), {"anna": 1, "gen": 1}),
        (("full/1.png", "anna/1.png"), {"anna": 1, "full": 1}),
        (("anna/1.png", "anna_forged/1.png", "bob_forged/1.png"),
         {"anna": 1, "bob_forged": 1}),
        (("anna/real/1.png", "anna/fake/1.png"), {"anna": 1}),
        (("org/anna/1.png", "forg/anna/1.png"), {"anna": 1}),
        (("Original/anna/1.png", "Forgeries/anna/1.png"), {"anna": 1}),
    ],
)  # fmt: skip
def test_each_writer_has_their_own_signatures(files, expected, draw) -> None:
    assert writers(read_dataset(draw(*files))) == expected


def test_what_storage_devices_put_into_folders_is_nobody_s(draw) -> None:
    root = draw("anna/1.png", "anna/@eaDir/1.png/thumb.jpg", "@eaDir/1.png", "#recycle/2.png")
    draw("$RECYCLE.BIN/3.png", "__MACOSX/anna/1.png", ".trash/4.png", "lost+found/5.png")
    dataset = read_dataset(root)
    assert writers(dataset) == {"anna": 1}
    assert {item.path.name for item in dataset.left_out} == {
        "@eaDir", "#recycle", "$RECYCLE.BIN", "__MACOSX", ".trash", "lost+found"
    }  # fmt: skip
    assert not any(item.failed for item in dataset.left_out)


def test_a_layout_that_takes_over_says_so_and_how_to_say_otherwise(draw) -> None:
    root = draw(*(f"full_org/original_{w}_{n}.png" for w in (1, 2) for n in (1, 2)))
    dataset = read_dataset(root)
    assert (dataset.layout, dataset.writers) == ("cedar", ("1", "2"))
    (note,) = dataset.notes
    assert "cedar" in note
    assert "--layout folders" in note


def test_nine_in_ten_names_are_not_enough(draw) -> None:
    own = [f"full_org/original_1_{n}.png" for n in range(9)]
    paths = [PurePosixPath(name) for name in (*own, "full_org/scan.png")]
    assert recognise(paths) is TREES["folders"]
    assert recognise([*paths, PurePosixPath("full_org/original_2_1.png")]) is TREES["cedar"]


def test_two_sets_of_one_layout_are_not_joined(draw) -> None:
    root = draw("site1/full_org/original_1_1.png", "site2/full_org/original_1_1.png")
    assert read_dataset(root).layout == "folders"


def test_crossmedia_takes_a_hundred_folders(draw) -> None:
    def paths(hands: int) -> list[PurePosixPath]:
        return [PurePosixPath(f"{h:03}/{n}.webp") for h in range(1, hands + 1)
                for n in range(1, 41)]  # fmt: skip

    assert recognise(paths(100)) is TREES["crossmedia"]
    assert recognise(paths(60)) is TREES["folders"]


def test_outer_folders_are_kept_as_metadata(draw) -> None:
    root = draw("vietnam/hanoi/anna/1.png", "vietnam/hue/bob/genuine/1.png", "carl/1.png")
    kept = {s.writer: dict(s.metadata) for s in read_dataset(root).samples}
    assert kept == {
        "anna": {"folder": "vietnam/hanoi"}, "bob": {"folder": "vietnam/hue"}, "carl": {}
    }  # fmt: skip


def test_one_name_in_two_places_stops_and_shows_both(draw) -> None:
    root = draw("anna/2024/1.png", "bob/2024/1.png", "carl/1.png")
    with pytest.raises(DatasetError) as told:
        read_dataset(root)
    for part in ("anna/2024", "bob/2024", "--writer-folder", "outermost", "innermost", "path"):
        assert part in str(told.value)


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("outermost", {"anna": 2, "bob": 1}),
        ("innermost", {"2023": 1, "2024": 2}),
        ("path", {"anna/2023": 1, "anna/2024": 1, "bob/2024": 1}),
    ],
)
def test_an_option_decides_which_folder_is_the_writer(choice, expected, draw) -> None:
    root = draw("anna/2023/genuine/1.png", "anna/2024/1.png", "bob/2024/1.png")
    assert writers(read_dataset(root, writer_folder=choice)) == expected


def test_the_option_goes_with_folders_only(draw) -> None:
    root = draw("anna/1.png")
    with pytest.raises(DatasetError, match="goes with --layout folders"):
        read_dataset(root, "cedar", "outermost")
    with pytest.raises(DatasetError, match="choose one of auto"):
        read_dataset(root, "auto", "inner")  # type: ignore[arg-type]
    (root / "manifest.csv").write_text("path,writer\nanna/1.png,zoe\n")
    assert read_dataset(root).writers == ("zoe",)
    assert read_dataset(root, writer_folder="innermost").writers == ("anna",)


def test_a_kind_between_is_no_second_place(draw) -> None:
    root = draw("genuine/anna/1.png", "forged/anna/2.png", "anna/3.png")
    dataset = read_dataset(root)
    assert (len(dataset.genuine("anna")), len(dataset.forgeries("anna"))) == (2, 1)


def test_a_writer_around_writers_is_worth_a_word(draw) -> None:
    dataset = read_dataset(draw("anna/1.png", "anna/2024/1.png"))
    assert dataset.writers == ("2024", "anna")
    assert "anna" in dataset.notes[0]
    assert "--writer-folder outermost" in dataset.notes[0]


def test_names_come_in_one_form(draw) -> None:
    apart = unicodedata.normalize("NFD", "Émile")
    dataset = read_dataset(draw(f"{apart}/1.png", f"{apart}x/Đà Nẵng/1.png"))
    assert "Émile" in dataset.writers
    assert all(unicodedata.is_normalized("NFC", writer) for writer in dataset.writers)
    assert dict(dataset.of("Đà Nẵng")[0].metadata) == {"folder": "Émilex"}


def test_two_that_differ_in_form_only_stop_and_are_shown(draw) -> None:
    root = draw("Émile/1.png", unicodedata.normalize("NFD", "Émile") + "/1.png")
    with pytest.raises(DatasetError, match="two forms") as told:
        read_dataset(root)
    assert "\\xc9mile" in str(told.value)
    assert "E\\u0301mile" in str(told.value)
