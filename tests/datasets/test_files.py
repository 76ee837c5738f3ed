"""Folders as they are found: links that lead back, bytes that are no text, what cannot be read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sigsearch.datasets import read_dataset
from sigsearch.datasets.files import list_images
from sigsearch.names import as_path, as_text


def test_links_that_lead_back_up_are_not_followed_again(draw) -> None:
    root = draw("anna/1.png", "bob/1.png")
    (root / "anna" / "up").symlink_to(root)
    (root / "anna" / "self").symlink_to(root / "anna")
    (root / "bob" / "other").symlink_to(root / "anna")
    dataset = read_dataset(root)
    assert [s.id for s in dataset.samples] == ["anna/1.png", "bob/1.png"]
    assert {item.path.name for item in dataset.left_out} == {"up", "self", "other"}
    assert not any(item.failed for item in dataset.left_out)


def test_a_link_to_what_lies_around_the_folder_is_not_followed(draw) -> None:
    root = draw("private/zoe/1.png", "refs/anna/1.png")
    (root / "refs" / "anna" / "all").symlink_to(root)
    (root / "refs" / "system").symlink_to("/")
    dataset = read_dataset(root / "refs")
    assert [s.id for s in dataset.samples] == ["anna/1.png"]
    assert {item.reason for item in dataset.left_out} == {"a link that leads back up"}


def test_two_folders_that_link_to_one_another_end(tmp_path: Path, draw) -> None:
    root = draw("a/1.png", "b/1.png")
    for number in range(6):  # each leads to the other, and would double at every step
        (root / "a" / f"to-b{number}").symlink_to(root / "b")
        (root / "b" / f"to-a{number}").symlink_to(root / "a")
    assert len(list_images(root)[0]) == 2


def test_a_linked_folder_from_elsewhere_is_a_writer(draw, tmp_path_factory) -> None:
    root = draw("refs/anna/1.png", "elsewhere/scans/1.png")
    (root / "refs" / "bob").symlink_to(root / "elsewhere" / "scans")
    assert read_dataset(root / "refs").writers == ("anna", "bob")


def test_a_linked_folder_goes_by_its_own_name_where_it_has_one(draw) -> None:
    root = draw("zoe/1.png")
    (root / "a-link").symlink_to(root / "zoe")
    assert read_dataset(root).writers == ("zoe",)


def test_names_that_are_not_utf_8(draw) -> None:
    root = draw("anna/1.png")
    folder = os.fsencode(root) + b"/M\xfcller"
    os.mkdir(folder)
    os.link(os.fsencode(root / "anna" / "1.png"), folder + b"/scan\xe9.png")
    dataset = read_dataset(root)
    assert dataset.writers == ("M\\xfcller", "anna")
    sample = dataset.of("M\\xfcller")[0]
    assert sample.id == "M\\xfcller/scan\\xe9.png"
    assert sample.path.is_file()
    assert as_path(as_text(sample.path)) == str(sample.path)


def test_a_folder_that_cannot_be_read_is_reported(draw, monkeypatch) -> None:
    root = draw("anna/1.png", "bob/1.png")
    scandir = os.scandir

    def refuse(path):
        if os.fspath(path).endswith("bob"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr("sigsearch.datasets.files.os.scandir", refuse)
    dataset = read_dataset(root)
    assert dataset.writers == ("anna",)
    (item,) = dataset.left_out
    assert item.failed
    assert str(item).endswith("bob: a folder that cannot be read: Permission denied")


@pytest.mark.parametrize(
    ("name", "reason", "failed"),
    [
        ("notes.txt", "not an image", False),
        ("list.doc", "not an image", False),
        ("photo.PSD", "images of this kind are not read: .psd", True),
        ("empty.png", "an empty file", True),
    ],
)
def test_only_what_looks_like_an_image_counts(name, reason, failed, draw) -> None:
    root = draw("anna/1.png")
    (root / "anna" / name).write_bytes(b"" if name == "empty.png" else b"x")
    (item,) = read_dataset(root).left_out
    assert (item.path.name, item.reason, item.failed) == (name, reason, failed)


def test_a_pipe_that_is_called_an_image_is_not_opened(draw) -> None:
    root = draw("anna/1.png")
    os.mkfifo(root / "anna" / "2.png")
    (item,) = read_dataset(root).left_out
    assert item.failed
    assert "pipe" in item.reason
