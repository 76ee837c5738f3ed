"""`sigsearch synth`: what lies on disk, and that the dataset readers understand it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from PIL import Image
from typer.testing import CliRunner

from sigsearch.cli.synth import synth
from sigsearch.datasets import read_dataset
from sigsearch.errors import DatasetError
from sigsearch.synthesis.export import write_dataset
from sigsearch.synthesis.order import LAYOUTS, Order

ORDER = Order(writers=3, genuine=2, forgeries=3, dpi=100)


def content(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_dataset_reader_understands_every_layout(layout: str, tmp_path: Path) -> None:
    order = Order(3, 2, 3, layout=layout, dpi=100)
    write_dataset(tmp_path / "out", order)
    samples = read_dataset(tmp_path / "out").samples
    assert len(samples) == 15
    assert len({s.writer for s in samples}) == 3
    assert sum(s.kind == "forgery" for s in samples) == 9


def test_the_bytes_do_not_depend_on_the_number_of_processes(tmp_path: Path) -> None:
    write_dataset(tmp_path / "one", ORDER, workers=1)
    write_dataset(tmp_path / "two", ORDER, workers=2)
    assert content(tmp_path / "one") == content(tmp_path / "two")


def test_seed_and_style_change_the_bytes(tmp_path: Path) -> None:
    for name, order in (
        ("plain", ORDER),
        ("seed", Order(3, 2, 3, seed=2, dpi=100)),
        ("scan", Order(3, 2, 3, style="scan", dpi=100)),
    ):
        write_dataset(tmp_path / name, order)
    plain = content(tmp_path / "plain")
    assert not set(plain.values()) & set(content(tmp_path / "seed").values())
    assert not set(plain.values()) & set(content(tmp_path / "scan").values())


def test_files_carry_their_resolution(tmp_path: Path) -> None:
    write_dataset(tmp_path / "out", ORDER)
    with Image.open(tmp_path / "out" / "writer_0001" / "01.png") as image:
        assert image.info["dpi"] == pytest.approx((100, 100), abs=0.1)


def test_a_folder_that_holds_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(DatasetError, match="not an empty folder"):
        write_dataset(tmp_path, ORDER)
    assert (tmp_path / "mine.txt").read_text() == "keep"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"style": "photo"}, "no style 'photo'"),
        ({"layout": "zip"}, "no layout 'zip'"),
        ({"script": "runic"}, "no script 'runic'"),
        ({"writers": 0}, "at least one writer"),
        ({"forgeries": -1}, "no number may be negative"),
        ({"dpi": 5}, "5 dpi is out of range"),
    ],
)
def test_an_order_that_cannot_be_met_says_why(change: dict[str, object], message: str) -> None:
    wanted = {"writers": 1, "genuine": 1, "forgeries": 0, **change}
    with pytest.raises(DatasetError, match=message):
        Order(**wanted)  # type: ignore[arg-type]


def test_the_command_reports_what_it_wrote(tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(synth)
    asked = [
        "--writers",
        "2",
        "--genuine",
        "2",
        "--forgeries",
        "1",
        "--dpi",
        "100",
        "--workers",
        "1",
    ]
    result = CliRunner().invoke(app, [str(tmp_path / "out"), *asked, "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == {
        "folder": str(tmp_path / "out"),
        "layout": "folders",
        "writer_count": 2,
        "genuine": 4,
        "forgeries": 2,
    }
    assert len(list((tmp_path / "out").rglob("*.png"))) == 6
