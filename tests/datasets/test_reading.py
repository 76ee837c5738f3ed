"""What is wrong with a folder, manifest or archive is said, and never stops the rest."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sigsearch.datasets import drop_copies, read_dataset
from sigsearch.datasets.layouts import npz
from sigsearch.errors import DatasetError


def reasons(dataset) -> dict[str, str]:
    return {item.path.name: item.reason for item in dataset.left_out}


def test_what_is_no_sample_is_reported(draw) -> None:
    root = draw("anna/1.png", "ben/2.PNG", "loose.png")
    (root / "anna/notes.txt").write_text("x")
    (root / "anna/empty.png").touch()
    (root / "anna/Thumbs.db").touch()
    (root / "anna/broken.png").symlink_to(root / "nowhere.png")
    dataset = read_dataset(root)
    assert len(dataset) == 2
    assert reasons(dataset) == {
        "notes.txt": "not an image",
        "empty.png": "an empty file",
        "broken.png": "a broken link",
        "loose.png": "not in a writer's folder",
    }
    assert dataset.summary().left_out["not an image"] == 1


def test_a_stray_name_in_a_known_layout_is_reported(draw) -> None:
    root = draw(*(f"c-001-{n:02}.png" for n in range(12)), "cf-001-01.png", "scan.png")
    assert reasons(read_dataset(root)) == {"scan.png": "not named as gpds names its images"}


@pytest.mark.parametrize(
    ("layout", "message"),
    [("auto", "no images in it"), ("cedar", "no images in it"), ("csv", "0 csv files")],
)
def test_a_folder_without_images(layout: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=message):
        read_dataset(tmp_path, layout)


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no such file"):
        read_dataset(tmp_path / "nowhere")


def test_an_unknown_layout_names_the_known_ones(draw) -> None:
    with pytest.raises(DatasetError, match="known: auto, cedar"):
        read_dataset(draw("a/1.png"), "cedr")


def test_a_layout_that_explains_nothing(draw) -> None:
    with pytest.raises(DatasetError, match="2 images, but none is named"):
        read_dataset(draw("a/1.png", "b/1.png"), "gpds")


def test_an_image_is_not_a_dataset(draw) -> None:
    with pytest.raises(DatasetError, match="a dataset is a folder"):
        read_dataset(draw("1.png") / "1.png")


def test_copies_are_found_by_their_pixels_whatever_the_format(draw) -> None:
    draw("a/1.png", "a/2.bmp", "a/3.tif", seed=1)
    root = draw("a/4.png", "b/1.png")
    dataset = drop_copies(read_dataset(root))
    assert [s.id for s in dataset.samples] == ["a/1.png", "a/4.png", "b/1.png"]
    assert reasons(dataset) == {
        "2.bmp": "pixel-identical copy: a/1.png",
        "3.tif": "pixel-identical copy: a/1.png",
    }
    assert dataset.summary().left_out == {"pixel-identical copy": 2}


def test_identical_images_with_different_labels_all_go(draw) -> None:
    draw("a/1.png", "b/1.png", seed=1)
    dataset = drop_copies(read_dataset(draw("a/2.png", "b/2.png")))
    assert [s.id for s in dataset.samples] == ["a/2.png", "b/2.png"]
    assert len(dataset.left_out) == 2


def test_unreadable_images_are_found_on_the_way(draw) -> None:
    root = draw("a/1.png", "a/2.png", "b/1.png")
    (root / "a/2.png").write_bytes((root / "a/2.png").read_bytes()[:60])
    (root / "b/1.png").write_text("no image")
    dataset = drop_copies(read_dataset(root))
    assert [s.id for s in dataset.samples] == ["a/1.png"]
    assert all(why.startswith("unreadable") for why in reasons(dataset).values())
    assert dataset.summary().left_out == {"unreadable": 2}


def test_a_manifest(draw) -> None:
    root = draw("x/1.png", "x/2.png")
    (root / "list.csv").write_text(
        "Path;writer;kind;split;script\n"
        "x/1.png;Ann, A.;genuine;test;Latin\n"
        "x/2.png;Ann, A.;forged;test;Latin\n"
        "x/3.png;Ben;genuine;test;\n"
        "x/1.png;Ben;maybe;test;\n"
        "x/1.png;;genuine;test;\n",
        encoding="utf-8-sig",
    )
    dataset = read_dataset(root / "list.csv")
    assert dataset.writers == ("Ann, A.",)
    assert [s.kind for s in dataset.samples] == ["genuine", "forgery"]
    assert {(s.split, s.script) for s in dataset.samples} == {("test", "Latin")}
    assert [(item.line, item.reason) for item in dataset.left_out] == [
        (4, "no such file"),
        (5, "kind is neither genuine nor forgery: 'maybe'"),
        (6, "a row without a path or a writer"),
    ]
    assert all(item.failed for item in dataset.left_out)
    assert read_dataset(root, "csv").writers == dataset.writers


def test_a_manifest_with_other_columns_says_which_are_needed(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("file,person,kind\na,b,genuine\n")
    with pytest.raises(DatasetError, match=r"no column path, writer; .*has file, person, kind"):
        read_dataset(path)


def test_a_manifest_of_nothing(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("path,writer,kind\na.png,b,genuine\n")
    with pytest.raises(DatasetError, match=r"no samples in it \(line 2: .*no such file\)"):
        read_dataset(path)
    path.write_text("")
    with pytest.raises(DatasetError, match="has none"):
        read_dataset(path)
    path.write_bytes("path,writer,kind\nJosé,b,genuine".encode("latin-1"))
    with pytest.raises(DatasetError, match="UTF-8"):
        read_dataset(path)


def test_an_archive_goes_out_and_comes_back(draw, tmp_path: Path) -> None:
    before = read_dataset(draw("a/1.png", "a/forg_1.png", "b/1.png"))
    npz.write(before, tmp_path / "set.npz", size=(30, 60))
    after = read_dataset(tmp_path / "set.npz")
    assert after.writers == ("0", "1")
    assert [s.kind for s in after.samples] == [s.kind for s in before.samples]
    image = after.samples[0].source
    assert isinstance(image, np.ndarray)
    assert (image.shape, image.dtype) == ((30, 60), np.uint8)
    assert image.min() < 100
    assert (image[:, 0] == 255).all()  # padded with paper


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": np.zeros((2, 3, 3)), "y": np.zeros(2)}, "no array yforg"),
        ({"x": np.zeros((2, 3, 3)), "y": np.zeros(2), "yforg": np.zeros(1)}, "yforg"),
        ({"x": np.array([{}]), "y": np.zeros(1), "yforg": np.zeros(1)}, "not a readable"),
    ],
)
def test_an_archive_of_another_shape(arrays, message: str, tmp_path: Path) -> None:
    np.savez(tmp_path / "set.npz", **arrays)
    with pytest.raises(DatasetError, match=message):
        read_dataset(tmp_path / "set.npz")


def test_an_archive_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "set.npz").write_text("x")
    with pytest.raises(DatasetError, match="not a readable npz"):
        read_dataset(tmp_path / "set.npz")
