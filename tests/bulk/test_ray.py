"""Parts made on a Ray cluster. `scripts/reliability/ray_kills.py` kills its workers and nodes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sigsearch.bulk import embed
from sigsearch.encoder import Encoder
from sigsearch.errors import ClusterUnfit, ExtraMissing

pytest.importorskip("pyarrow")


def test_without_ray_it_is_said_how_to_get_it(
    shipped: Encoder, references: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ExtraMissing, match=r"sigsearch\[ray\]"):
        embed(references, tmp_path / "out", shipped, engine="ray")


def test_a_node_that_does_not_see_the_files_is_refused(
    shipped: Encoder, references: Path, tmp_path: Path
) -> None:
    from sigsearch.bulk.on_ray import make_if_fit
    from sigsearch.bulk.writing import PartOrder
    from sigsearch.engine.enrolment import identity_of

    embed(references / "bo", tmp_path / "out", shipped, writers=False)
    order = PartOrder.of(0, 1, (), identity_of(shipped))
    for source, out in ((references, tmp_path / "no"), (tmp_path / "no", tmp_path / "out")):
        with pytest.raises(ClusterUnfit, match="does not see"):
            make_if_fit(str(source), str(out), "", order, ())


def test_a_cluster_makes_the_same_parts_and_refuses_without_a_cpu(
    shipped: Encoder, references: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ray = pytest.importorskip("ray", reason="ray is not installed: pip install 'sigsearch[ray]'")
    from sigsearch.bulk import on_ray

    embed(references / "bo", tmp_path / "alone", shipped, writers=False, parts=3)
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False)
    try:
        done = embed(
            references / "bo", tmp_path / "ray", shipped, writers=False, parts=3, engine="ray"
        )
        assert (done.made, done.rows, done.errors) == (3, 7, 0)
        for path in (tmp_path / "alone").iterdir():
            assert (tmp_path / "ray" / path.name).read_bytes() == path.read_bytes()
        monkeypatch.setattr(on_ray, "WAIT", 0.0)

        @ray.remote(num_cpus=1)
        class Holder:
            def here(self) -> None: ...

        holder = Holder.remote()
        ray.get(holder.here.remote())
        with pytest.raises(ClusterUnfit, match="no CPU is free"):
            embed(references / "bo", tmp_path / "taken", shipped, engine="ray", writers=False)
    finally:
        ray.shutdown()
