"""A network that names other files as its weights is refused before anything opens them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sigsearch.encoder import shipped_folder
from sigsearch.errors import EncoderError
from sigsearch.models.external import leads_elsewhere
from sigsearch.models.network import open_network

onnx = pytest.importorskip("onnx")


def model(where: str) -> bytes:
    """x + w, with w in the file, or said to lie in `secret.bin`, at one of the places for it."""
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    w = onnx.numpy_helper.from_array(np.ones(4, np.float32), "w")
    outside = onnx.TensorProto(name="w", dims=[4], data_type=kind)
    outside.data_location = onnx.TensorProto.EXTERNAL
    outside.external_data.add(key="location", value="secret.bin")
    inputs = [helper.make_tensor_value_info("x", kind, [4])]
    outputs = [helper.make_tensor_value_info("y", kind, [4])]
    nodes, held = [helper.make_node("Add", ["x", "w"], ["y"])], [w]
    if where == "initializer":
        held = [outside]
    if where == "constant":
        nodes.insert(0, helper.make_node("Constant", [], ["w"], value=outside))
        held = []
    if where == "branch":
        inner = helper.make_graph(
            [helper.make_node("Add", ["x", "v"], ["z"])], "inner", [],
            [helper.make_tensor_value_info("z", kind, [4])],
            [onnx.TensorProto(name="v", dims=[4], data_type=kind)],
        )  # fmt: skip
        inner.initializer[0].CopyFrom(outside)
        nodes = [helper.make_node("If", ["c"], ["y"], then_branch=inner, else_branch=inner)]
        held = [onnx.numpy_helper.from_array(np.array(True), "c")]
    graph = helper.make_graph(nodes, "location", inputs, outputs, held)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return bytes(made.SerializeToString())


@pytest.mark.parametrize("where", ["initializer", "constant", "branch"])
def test_weights_in_other_files_are_refused(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret.bin").write_bytes(np.arange(4, dtype="<f4").tobytes())
    with pytest.raises(EncoderError, match=r"my\.onnx: its weights lie in other files"):
        open_network(model(where), Path("my.onnx"))


def test_weights_in_the_file_are_read() -> None:
    session = open_network(model("inside"), Path("my.onnx"))
    assert session.run(None, {"x": np.zeros(4, np.float32)})[0].tolist() == [1, 1, 1, 1]


def test_what_ships_leads_nowhere() -> None:
    networks = [*shipped_folder().parents[1].rglob("*.onnx")]
    assert networks
    assert not any(leads_elsewhere(one.read_bytes()) for one in networks)


def test_what_is_no_network_is_named(tmp_path: Path) -> None:
    whole = model("inside")
    rng = np.random.default_rng(0)
    for data in (b"", b"\0\0\0\0ORTM" + bytes(99), whole[:-9], *map(rng.bytes, range(1, 60))):
        with pytest.raises(EncoderError, match=r"my\.onnx"):
            open_network(data, Path("my.onnx"))
