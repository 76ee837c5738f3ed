"""Manifests as spreadsheets and people write them."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest
from PIL import Image

from sigsearch.datasets import Dataset, drop_copies, read_dataset
from sigsearch.errors import DatasetError
from sigsearch.imaging.load import file_and_page


def manifest(root: Path, text: str, encoding: str = "utf-8") -> Dataset:
    (root / "list.csv").write_bytes(text.encode(encoding))
    return read_dataset(root / "list.csv")


def wrong(dataset: Dataset) -> list[tuple[int, str]]:
    return [(item.line, item.reason) for item in dataset.left_out]


def test_the_first_line_that_excel_writes(draw) -> None:
    dataset = manifest(draw("1.png"), "sep=;\r\npath;writer\r\n1.png;Ann, A.\r\nx.png;Bo\r\n")
    assert dataset.writers == ("Ann, A.",)
    assert wrong(dataset) == [(4, "no such file")]


def test_quoted_line_breaks_do_not_shift_lines(draw) -> None:
    text = 'path,writer,note\n1.png,"Ann\nMarie","two\nlines"\nx.png,Bo,\n'
    dataset = manifest(draw("1.png"), text)
    assert dataset.writers == ("Ann\nMarie",)
    assert dataset.samples[0].metadata == (("note", "two\nlines"),)
    assert wrong(dataset) == [(5, "no such file")]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_text_as_spreadsheets_save_it(encoding: str, draw) -> None:
    mark = "\ufeff" if encoding == "utf-16-le" else ""
    dataset = manifest(draw("1.png"), mark + "path\twriter\r\n1.png\tJosé\r\n", encoding)
    assert dataset.writers == ("José",)


def test_paths_with_backslashes(draw) -> None:
    dataset = manifest(draw("x/1.png"), "path,writer\nx\\1.png,Ann\n.\\x\\1.png,Bo\n")
    assert dataset.writers == ("Ann", "Bo")


def test_without_kind_all_is_genuine(draw) -> None:
    assert len(manifest(draw("1.png"), "path,writer\n1.png,Ann\n").genuine("Ann")) == 1


def test_other_columns_become_metadata(draw) -> None:
    dataset = manifest(
        draw("1.png"), "path,writer,Branch,script,empty,\n1.png,Ann,Huế,Latin,,stray\n"
    )
    (sample,) = dataset.samples
    assert (sample.metadata, sample.script) == ((("Branch", "Huế"),), "Latin")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1.png,Ann,maybe,,", "kind is neither genuine nor forgery: 'maybe'"),
        ("1.png,Ann,,,", "kind is neither genuine nor forgery: ''"),
        ("1.png,Ann,genuine,tset,", "split is none of train, validation and test: 'tset'"),
        ("1.png,Ann,genuine,,two", "number is no number: 'two'"),
        ("1.png,Ann,genuine,,-1", "number is no number: '-1'"),
        ("1.png,,genuine,,", "a row without a path or a writer"),
        (",Ann,genuine,,", "a row without a path or a writer"),
        ("no.png,Ann,genuine,,", "no such file"),
        ("x,Ann,genuine,,", "a folder, not an image"),
        ("empty.png,Ann,genuine,,", "an empty file"),
        ("x" * 5000 + ",Ann,genuine,,", "no such file"),
        ("1.png,Ann, A.,genuine,test,1", "6 values for 5 columns; put one that holds a delimiter "
         "in quotation marks"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_reported_with_its_line(row: str, reason: str, draw) -> None:
    root = draw("1.png", "x/1.png")
    (root / "empty.png").touch()
    text = f"path,writer,kind,split,number\n\n1.png,Bo,genuine,test,1\n{row}\n"
    dataset = manifest(root, text)
    assert dataset.writers == ("Bo",)
    assert wrong(dataset) == [(4, reason)]
    assert dataset.left_out[0].failed
    assert str(dataset.left_out[0]).startswith("line 4: ")


def test_rows_of_delimiters_alone_are_no_rows(draw) -> None:
    assert wrong(manifest(draw("1.png"), "path;writer\n1.png;Ann\n;\n \n;\n")) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("file,person\na,b\n", "no column path, writer; .* this one has file, person"),
        ("", "has none"),
        ("path,writer,path\n1.png,Ann,1.png\n", "two columns are called path"),
        ('path,writer\n1.png,"' + "x" * 200_000 + '"\n', "line 2 cannot be read as CSV"),
    ],
)
def test_a_manifest_that_is_none(text: str, message: str, draw) -> None:
    with pytest.raises(DatasetError, match=message):
        manifest(draw("1.png"), text)


def test_what_is_no_text_is_told_with_its_line(draw) -> None:
    with pytest.raises(DatasetError, match=r"not UTF-8 text \(line 3\)"):
        manifest(draw("1.png"), "path,writer\n1.png,Ann\n1.png,José\n", "latin-1")


def test_pages_of_a_file(draw) -> None:
    root = draw("1.png")
    pages = [Image.new("L", (20, 10), grey) for grey in (10, 200)]
    pages[0].save(root / "two.tif", save_all=True, append_images=pages[1:])
    dataset = manifest(root, "path,writer\ntwo.tif#page=1,Ann\ntwo.tif#page=2,Ann\n")
    assert [str(s.path).rpartition("/")[2] for s in dataset.samples] == [
        "two.tif#page=1", "two.tif#page=2"
    ]  # fmt: skip
    assert len(drop_copies(dataset)) == 2  # other pages are other pictures


def test_a_file_whose_own_name_looks_like_a_page(draw) -> None:
    root = draw("scan.png", "scan #3.png")
    os.rename(root / "scan #3.png", root / "scan.png#page=2")
    assert file_and_page(str(root / "scan.png#page=2")) == (root / "scan.png#page=2", 1)
    assert file_and_page(str(root / "scan.png#page=3")) == (root / "scan.png", 3)
    assert len(drop_copies(manifest(root, "path,writer\nscan.png#page=2,Ann\n"))) == 1


def test_a_path_is_found_whatever_its_form(draw) -> None:
    root = draw(unicodedata.normalize("NFD", "Émile.png"))
    assert len(manifest(root, "path,writer\nÉmile.png,Émile\n")) == 1


def test_names_in_two_forms_stop(draw) -> None:
    text = f"path,writer\n1.png,Émile\n1.png,{unicodedata.normalize('NFD', 'Émile')}\n"
    with pytest.raises(DatasetError, match="two forms"):
        manifest(draw("1.png"), text)


def test_a_manifest_in_a_folder_takes_over_and_says_so(draw) -> None:
    root = draw("anna/1.png")
    (root / "manifest.csv").write_text("path,writer\nanna/1.png,zoe\n")
    dataset = read_dataset(root)
    assert dataset.writers == ("zoe",)
    assert "manifest.csv" in dataset.notes[0]
    assert read_dataset(root, "folders").writers == ("anna",)
