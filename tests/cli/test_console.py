"""The installed console script, from invented writers to answers, with the shipped encoder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sigsearch.cli import main

SCRIPT = Path(sys.executable).with_name("sigsearch")


def run(*words: object, cwd: Path | None = None, stdin: bytes = b"") -> subprocess.CompletedProcess:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SIGSEARCH_")}
    return subprocess.run(
        [str(SCRIPT), *map(str, words)], input=stdin, capture_output=True, cwd=cwd, env=environment
    )


def answer(*words: object, code: int = 0, **more) -> dict:
    done = run(*words, "--json", **more)
    assert done.returncode == code, done.stderr.decode()
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """refs/ with 8 invented writers, an index of four specimens each, held/ with the others."""
    home = tmp_path_factory.mktemp("home")
    done = run("synth", home / "all", "--writers", 8, "--genuine", 6, "--forgeries", 3, "--seed", 5)
    assert done.returncode == 0, done.stderr.decode()
    for path in sorted((home / "all").rglob("*.png")):
        writer = path.relative_to(home / "all").parts[0]
        kept = "forg" not in path.name and specimen(path) < 4
        target = home / ("refs" if kept else "held") / writer / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    report = answer("index", "build", home / "refs", "--index", home / "index")
    assert (report["enrolled"], report["writer_count"], report["refused"]) == (32, 8, [])
    return home


def specimen(path: Path) -> int:
    genuine = sorted(p for p in path.parent.glob("*.png") if "forg" not in p.name)
    return genuine.index(path)


def held(home: Path) -> list[Path]:
    return sorted(p for p in (home / "held").rglob("*.png") if "forg" not in p.name)


def test_query_finds_the_writer(home: Path):
    right = 0
    for path in held(home):
        done = run("query", path, "--index", home / "index", "--k", 3, "--json")
        found = json.loads(done.stdout)
        assert done.returncode == (0 if found["verdict"]["answer"] == "accepted" else 1)
        right += found["candidates"][0]["writer"] == path.parent.name
    assert right >= 15


def test_many_queries_stream_one_object_a_line(home: Path, tmp_path: Path):
    bad = tmp_path / "bad.png"
    bad.write_text("no picture")
    paths = [held(home)[0], bad, held(home)[1]]
    done = run("query", *paths, "--index", home / "index", "--json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 2
    assert [row["questioned"] for row in rows] == [str(p) for p in paths]
    assert rows[1]["error"]["code"] == "not_an_image"


def test_query_from_standard_input(home: Path):
    data = held(home)[0].read_bytes()
    done = run("query", "-", "--index", home / "index", "--json", stdin=data)
    assert json.loads(done.stdout)["questioned"] == "<standard input>"


def test_verify_a_pair_and_against_a_writer(home: Path):
    path = held(home)[0]
    reference = sorted((home / "refs" / path.parent.name).glob("*.png"))[0]
    other = next(p for p in held(home) if p.parent != path.parent)
    loose = ("--fmr", "0.2", "--fnmr", "0.1")
    same = answer("verify", path, path, *loose, code=1)
    assert (same["decision"], same["verdict"]["reasons"]) == ("match", ["suspected_copy"])
    pair = json.loads(run("verify", path, reference, *loose, "--json").stdout)
    strange = json.loads(run("verify", other, reference, *loose, "--json").stdout)
    assert pair["score"] > strange["score"]
    done = run("verify", other, "--writer", path.parent.name, "--index", home / "index", "--json")
    assert done.returncode == 1
    assert len(json.loads(done.stdout)["references"]) == 4


def test_fields_are_those_of_the_documentation(home: Path):
    page = (Path(__file__).parents[2] / "docs" / "results.md").read_text(encoding="utf-8")
    path = held(home)[0]
    query = json.loads(run("query", path, "-i", home / "index", "--json").stdout)
    verify = json.loads(run("verify", path, path, "--json").stdout)
    assert set(query) == {
        "questioned", "verdict", "decision", "writer", "verification", "candidates", "gallery",
        "model", "warnings", "reasons", "capped_by", "page", "box",
    }  # fmt: skip
    assert set(verify) == {
        "questioned", "writer", "verdict", "decision", "score", "threshold", "references",
        "best_reference", "evidence", "suspected_copy", "model", "warnings", "reasons", "capped_by",
        "page", "box",
    }  # fmt: skip
    fields = {
        *query,
        *query["candidates"][0],
        *query["gallery"],
        *verify,
        *verify["evidence"],
        *verify["verdict"],
    }
    assert not [name for name in fields if f"`{name}`" not in page]


def test_building_again_is_free_and_goes_on(home: Path):
    report = answer("index", "build", home / "refs", "--index", home / "index")
    assert (report["enrolled"], report["known"]) == (0, 32)


def test_forgeries_are_left_out_and_counted(home: Path, tmp_path: Path):
    report = answer("index", "build", home / "all", "--index", tmp_path / "index")
    assert (report["enrolled"], report["forgeries_left_out"]) == (48, 24)


def test_add_list_forget(home: Path, tmp_path: Path):
    index, name = tmp_path / "index", "Ünal / 李 雷 [bold]"
    added = answer("index", "add", name, held(home)[0], "-i", index, "--meta", "branch=hanoi")
    assert added["enrolled"] == 1
    assert answer("index", "list", "-i", index)[0]["name"] == name
    assert name in run("index", "list", "-i", index).stdout.decode()
    assert answer("index", "info", "-i", index)["writer_count"] == 1
    assert answer("index", "forget", name, "-i", index)["references_forgotten"] == 1
    assert run("index", "forget", name, "-i", index).returncode == 2


def test_encode(home: Path, tmp_path: Path):
    out = tmp_path / "v.npy"
    assert run("encode", *held(home)[:3], "-o", out).returncode == 0
    vectors = np.load(out)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def bad_inputs(folder: Path, home: Path) -> dict[str, tuple[list[object], str]]:
    whole = held(home)[0].read_bytes()
    Image.new("L", (200, 100), 255).save(folder / "blank.png")
    (folder / "empty.png").write_bytes(b"")
    (folder / "text.png").write_text("Dear Sir")
    (folder / "short.png").write_bytes(whole[: len(whole) // 2])
    (folder / "nothing").mkdir()
    index = ["-i", home / "index"]
    return {
        "an empty file": (["query", folder / "empty.png", *index], "empty"),
        "a text file": (["query", folder / "text.png", *index], "not an image"),
        "a truncated image": (["query", folder / "short.png", *index], "cut short"),
        "a blank page": (["verify", folder / "blank.png", held(home)[0]], "blank"),
        "a directory": (["query", folder / "nothing", *index], "directory"),
        "a missing image": (["query", folder / "absent.png", *index], "no such file"),
        "no index": (["query", held(home)[0], "-i", folder / "absent"], "index"),
        "no images": (["index", "build", folder / "nothing", "-i", folder / "i"], "no images"),
        "no such writer": (["verify", held(home)[0], "-w", "nobody", *index], "nobody"),
        "no such encoder": (["verify", held(home)[0], held(home)[1], "--encoder", folder], "card"),
        "an odd rate": (["verify", held(home)[0], held(home)[1], "--fmr", "7"], "between 0 and 1"),
    }


def test_bad_input_gives_one_line_and_exit_code_2(home: Path, tmp_path: Path):
    for what, (words, reason) in bad_inputs(tmp_path, home).items():
        done = run(*words)
        lines = done.stderr.decode().strip().splitlines()
        assert done.returncode == 2, what
        assert len(lines) == 1, (what, lines)
        assert lines[0].startswith("error: "), what
        assert reason in lines[0], (what, lines)


def test_a_command_line_that_cannot_be_understood_is_an_error_as_json_too():
    for words in (["verify", "--nonsense"], ["verify"], ["verify", "a.png"], ["query", "a", "-k0"]):
        done = run(*words, "--json")
        error = json.loads(done.stdout)["error"]
        assert (done.returncode, error["code"]) == (2, "usage"), words
        assert error["message"] in done.stderr.decode()


def test_a_report_that_cannot_be_written_is_refused_before_a_decision(home: Path, tmp_path: Path):
    one, index = held(home)[0], tmp_path / "index"
    answer("index", "add", "anna", one, "-i", index)
    report = ["--report", tmp_path / "none" / "x.html"]
    for words in (["verify", one, one], ["verify", one, "-w", "anna", "-i", index, "--log"],
                  ["index", "audit", "-i", index]):  # fmt: skip
        assert answer(*words, *report, code=2)["error"]["code"] == "not_writable"
    assert not (index / "audit.log").exists()


def test_what_nobody_foresaw_is_an_error_too(monkeypatch: pytest.MonkeyPatch, capsys, tmp_path):
    words = ["sigsearch", "index", "list", "-i", str(tmp_path), "--json"]
    monkeypatch.setattr(sys, "argv", words)
    faults = {"system": OSError(5, "I/O error", "disk"), "internal": ZeroDivisionError("oh")}
    for code, fault in faults.items():

        def fails(*_: object, fault: Exception = fault, **__: object) -> None:
            raise fault

        monkeypatch.setattr("sigsearch.index.local.writer_index.WriterIndex.open", fails)
        with pytest.raises(SystemExit) as stopped:
            main()
        told = capsys.readouterr()
        assert (stopped.value.code, json.loads(told.out)["error"]["code"]) == (2, code)
        assert told.err.splitlines()[-1].startswith("error: ")
        assert ("Traceback" in told.err) == (code == "internal")


def test_a_reader_that_leaves_early_is_no_error(home: Path):
    words = [str(SCRIPT), "query", *map(str, held(home)), "--index", str(home / "index"), "--json"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.wait() == 0


def test_every_command_has_help_with_an_example_and_json():
    def commands(words: list[str]) -> list[list[str]]:
        text = run(*words, "--help").stdout.decode()
        if "Commands:" not in text:
            return [words]
        names = [row.split()[0] for row in text.split("Commands:")[1].splitlines() if row.strip()
                 and row.startswith("  ") and not row.startswith("   ")]  # fmt: skip
        return [leaf for name in names for leaf in commands([*words, name])]

    leaves = commands([])
    assert len(leaves) > 10
    for words in leaves:
        text = run(*words, "--help").stdout.decode()
        help_text, options = text.split("Options:")
        assert f"sigsearch {' '.join(words)}" in help_text.split("\n", 1)[1], words
        assert "--json" in options, words


def test_an_index_is_asked_about_its_own_population(home: Path, tmp_path: Path):
    few = run("calibrate", "--index", home / "index")
    assert few.returncode == 0
    assert b"too few writers" in few.stdout
    run("synth", tmp_path / "refs", "--writers", 12, "--genuine", 4, "--seed", 9)
    answer("index", "build", tmp_path / "refs", "--index", tmp_path / "index")
    shown = run("query", held(home)[0], "--index", tmp_path / "index", "--json")
    gallery = json.loads(shown.stdout)["gallery"]
    assert gallery["threshold_from"].startswith("this index (12 writers")
    assert 0 <= gallery["fnir"] <= 1
    measured = answer("calibrate", "--index", tmp_path / "index")["population"]
    assert (measured["writer_count"], measured["reference_count"]) == (12, 48)
    neither = run("calibrate")
    assert neither.returncode == 2
    assert b"give DATA" in neither.stderr
