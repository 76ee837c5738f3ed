"""Every layout on a small tree of its own shape: recognised, and labelled right."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from sigsearch.datasets import LAYOUTS, Dataset, read_dataset, read_datasets
from sigsearch.datasets.layouts import TREES

TREE_FILES = {
    "cedar": (
        "full_org/original_7_1.png",
        "full_org/original_7_2.png",
        "full_forg/forgeries_7_1.png",
    ),
    "bhsig": (
        "Bengali/007/B-S-7-G-01.tif",
        "Bengali/007/B-S-7-G-02.tif",
        "Bengali/007/B-S-7-F-01.tif",
    ),
    "svc2004": ("user7/genuine/U7S1.webp", "user7/genuine/U7S2.webp", "user7/forged/U7S21.webp"),
    "gpds": ("007/c-007-01.jpg", "007/c-007-02.jpg", "007/cf-007-01.jpg"),
    "mcyt": ("0007/0007v00.bmp", "0007/0007v01.bmp", "0007/0007f00.bmp"),
    "sigcomp": ("007/01_007.png", "007/02_007.png", "007_forg/01_0119007.png"),
    "folders": ("7/a1.png", "7/a2.png", "7/forg_1.png"),
}


@pytest.mark.parametrize("layout", TREE_FILES)
@pytest.mark.parametrize("given", ["auto", "by name"])
def test_a_tree_is_recognised_and_labelled(layout: str, given: str, draw) -> None:
    root = draw(*TREE_FILES[layout])
    dataset = read_dataset(root, "auto" if given == "auto" else layout)
    assert dataset.layout == layout
    assert dataset.writers == ("7",)
    assert len(dataset.genuine("7")) == 2
    assert len(dataset.forgeries("7")) == 1
    assert dataset.left_out == ()


def test_every_tree_layout_is_tested_here() -> None:
    assert set(TREE_FILES) | {"crossmedia"} == set(TREES)
    assert {"csv", "pen-data", "npz"} == set(LAYOUTS) - set(TREES)


@pytest.mark.parametrize(
    ("name", "writer", "kind", "number"),
    [
        ("001_09.png", "1", "genuine", 9),
        ("0119001_02.png", "1", "forgery", 2),
        ("09_001.png", "1", "genuine", 9),
        ("02_0119001.png", "1", "forgery", 2),
        ("NFI-00302003.png", "3", "genuine", 2),
        ("NFI-00602023.png", "23", "forgery", 2),
    ],
)
def test_the_names_of_both_sigcomps(name: str, writer: str, kind: str, number: int) -> None:
    label = TREES["sigcomp"].parse(PurePosixPath("x") / name)
    assert label is not None
    assert (label.writer, label.kind, label.number) == (writer, kind, number)


def test_svc_numbers_tell_forgeries_where_folders_do_not(draw) -> None:
    dataset = read_dataset(draw("U1S20.png", "U1S21.png", "U2S1.png"))
    assert [s.number for s in dataset.forgeries("1")] == [21]


@pytest.fixture
def crossmedia(draw) -> Dataset:
    names = (f"{hand:03}/{n}.webp" for hand in (1, 2) for n in range(1, 41))
    return read_dataset(draw(*names), "crossmedia")


def test_crossmedia_identities_are_a_hand_and_a_name(crossmedia: Dataset) -> None:
    assert crossmedia.layout == "crossmedia"
    assert len(crossmedia.writers) == 20
    four = crossmedia.genuine("002/4")
    assert [int(s.path.stem) for s in four] == [5, 15, 25, 35]
    assert [s.group for s in four] == ["paper", "tablet", "phone in hand", "phone on table"]
    assert {s.hand for s in four} == {"2"}


def test_crossmedia_impostors_wrote_the_same_name(crossmedia: Dataset) -> None:
    impostors = crossmedia.impostors("002/4")
    assert {s.writer for s in impostors} == {"001/4"}
    assert len(impostors) == 4
    assert crossmedia.forgeries() == ()


def test_numbered_folders_of_numbered_images_are_not_taken_for_crossmedia(draw) -> None:
    dataset = read_dataset(draw(*(f"{w:03}/{n}.png" for w in (1, 2) for n in range(1, 9))))
    assert (dataset.layout, dataset.writers) == ("folders", ("001", "002"))


def test_other_sets_know_no_impostors(draw) -> None:
    assert read_dataset(draw("a/1.png", "b/1.png")).impostors("a") == ()


BOTH = ("Bengali/001/B-S-1-G-01.tif", "Hindi/001/H-S-1-G-01.tif", "Hindi/002/H-S-2-F-01.tif")


def test_bhsig_with_both_scripts(draw) -> None:
    root = draw(*BOTH)
    bengali, hindi = read_datasets(root)
    assert (bengali.name, hindi.name) == ("bhsig260-bengali", "bhsig260-hindi")
    assert (bengali.writers, hindi.writers) == (("1",), ("1", "2"))
    assert {s.script for s in hindi.samples} == {"Devanagari"}
    together = read_dataset(root)
    assert together.name == "bhsig260"
    assert together.writers == ("bengali-1", "hindi-1", "hindi-2")


def test_bhsig_one_script_keeps_its_numbers(draw) -> None:
    assert read_dataset(draw(*BOTH) / "Hindi").writers == ("1", "2")


@pytest.mark.parametrize(
    ("path", "writer", "kind"),
    [
        ("anna/1.png", "anna", "genuine"),
        ("anna/forgery-1.png", "anna", "forgery"),
        ("anna/FORGED_1.png", "anna", "forgery"),
        ("anna/forged/1.png", "anna", "forgery"),
        ("anna/genuine/1.png", "anna", "genuine"),
        ("forgeries/anna/1.png", "anna", "forgery"),
        ("genuine/anna/1.png", "anna", "genuine"),
        ("hanoi/anna/scan 3.png", "anna", "genuine"),
        ("anna/1_forgery.png", "anna", "forgery"),
        ("forgacs anna/forgacs_1.png", "forgacs anna", "genuine"),
        ("FORGACS/FORGACS1.png", "FORGACS", "genuine"),
        ("मीरा/१.png", "मीरा", "genuine"),
    ],
)
def test_a_folder_per_writer(path: str, writer: str, kind: str) -> None:
    label = TREES["folders"].parse(PurePosixPath(path))
    assert label is not None
    assert (label.writer, label.kind) == (writer, kind)


def test_wrapper_folders_are_passed_through(draw) -> None:
    root = draw("archive/signatures/anna/1.png", "archive/signatures/ben/1.png")
    assert read_dataset(root).writers == ("anna", "ben")


def test_a_single_writer_is_not_a_wrapper(draw) -> None:
    assert read_dataset(draw("anna/1.png", "anna/2.png")).writers == ("anna",)


def test_writers_come_in_natural_order(draw) -> None:
    names = [f"user{n}/x.png" for n in (10, 9, 1)]
    assert read_dataset(draw(*names)).writers == ("user1", "user9", "user10")


def test_the_id_does_not_depend_on_where_the_dataset_lies(draw, tmp_path: Path) -> None:
    dataset = read_dataset(draw("anna/1.png", "ben/1.png"))
    assert [s.id for s in dataset.samples] == ["anna/1.png", "ben/1.png"]
