from __future__ import annotations

import json
from pathlib import Path

import pytest

from sigsearch.datasets import Protocol, protocol_names, read_dataset
from sigsearch.datasets.protocol import ROLES
from sigsearch.errors import DatasetError


def test_the_main_protocol() -> None:
    roles = Protocol.load("unseen-writers-1").roles
    assert roles["cedar"]["test"] == {str(n) for n in range(41, 56)}
    assert {name: [len(parts[role]) for role in ROLES] for name, parts in roles.items()} == {
        "cedar": [35, 5, 15],
        "bhsig260-bengali": [44, 6, 50],
        "bhsig260-hindi": [90, 10, 60],
        "crossmedia": [72, 8, 20],
        "svc2004": [24, 6, 10],
    }


@pytest.mark.parametrize("name", protocol_names())
def test_every_shipped_protocol_tests_the_same_writers(name: str) -> None:
    """So that figures with and without a set in training can be laid side by side."""
    main, other = Protocol.load("unseen-writers-1"), Protocol.load(name)
    assert other.name == name
    for dataset in main.roles.keys() & other.roles.keys():
        parts = other.roles[dataset]
        assert parts["test"] == main.roles[dataset]["test"]
        assert parts["train"] in (main.roles[dataset]["train"], frozenset())
        assert bool(parts["train"]) == bool(parts["validation"])


@pytest.mark.parametrize("name", [n for n in protocol_names() if n.startswith("without-")])
def test_what_is_left_out_is_left_out(name: str) -> None:
    left_out = name.removeprefix("without-")
    for dataset, parts in Protocol.load(name).roles.items():
        assert bool(parts["train"]) != dataset.startswith(left_out)


def test_one_s_own_protocol_selects(draw, tmp_path: Path) -> None:
    dataset = read_dataset(draw("set/anna/1.png", "set/ben/1.png", "set/12/1.png") / "set")
    path = tmp_path / "mine.json"
    roles = {"train": ["anna"], "test": ["10-15", "carl"]}
    path.write_text(json.dumps({"name": "mine", "datasets": {"set": roles}}))
    protocol = Protocol.load(path)
    assert protocol.select(dataset, "train").writers == ("anna",)
    assert protocol.select(dataset, "test").writers == ("12",)
    assert protocol.select(dataset, "validation").writers == ()
    with pytest.raises(DatasetError, match="roles are train"):
        protocol.select(dataset, "tests")


def test_a_manifest_s_own_split_goes_first(draw) -> None:
    root = draw("1.png")
    (root / "cedar.csv").write_text("path,writer,kind,split\n1.png,41,genuine,train\n")
    dataset = read_dataset(root / "cedar.csv")
    protocol = Protocol.load("unseen-writers-1")
    assert protocol.knows(dataset)
    assert protocol.select(dataset, "train").writers == ("41",)


def test_a_dataset_that_it_does_not_name(draw) -> None:
    dataset = read_dataset(draw("a/1.png", "b/1.png"))
    protocol = Protocol.load("unseen-writers-1")
    assert not protocol.knows(dataset)
    with pytest.raises(DatasetError, match="does not name the dataset"):
        protocol.select(dataset, "test")


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "{",
        '{"name": "x"}',
        '{"name": "x", "datasets": {"d": {"train": [1], "test": ["1-3"]}}}',
    ],
)
def test_a_bad_protocol_file(text: str, tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    path.write_text(text)
    with pytest.raises(DatasetError, match="not a protocol file"):
        Protocol.load(path)


def test_an_unknown_protocol_names_the_known_ones() -> None:
    with pytest.raises(DatasetError, match=r"shipped: .*unseen-writers-1"):
        Protocol.load("seen-writers")
