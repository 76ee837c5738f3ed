"""`embed --engine ray` on a simulated cluster; a worker and then a node are killed half way.

python scripts/reliability/ray_kills.py --images 400 --nodes 4

Every part must come out as this machine makes it alone: nothing missing, nothing twice. Beside it:
that it refuses to start where no CPU is free, and how much longer the cluster takes than this
machine alone, both on the same cores. Needs `pip install 'sigsearch[ray,parquet]'`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import pyarrow.parquet
import ray
from PIL import Image
from ray.cluster_utils import Cluster

from sigsearch.bulk import embed, on_ray
from sigsearch.errors import ClusterUnfit
from sigsearch.synthesis import Writer


def draw(folder: Path, images: int) -> None:
    for seed in range(images // 4):
        writer, place = Writer.from_seed(seed), folder / f"writer {seed}"
        place.mkdir(parents=True)
        for number in range(4):
            Image.fromarray(writer.specimen(number).page).save(place / f"{number}.png")


def ids_in(out: Path) -> Counter[str]:
    tables = [pyarrow.parquet.read_table(path, columns=["id"]) for path in out.glob("*.parquet")]
    return Counter(row["id"] for table in tables for row in table.to_pylist())


def same(out: Path, expected: Path) -> bool:
    """Whether both hold the same parts, byte by byte."""
    names = sorted(path.name for path in expected.iterdir())
    return names == sorted(path.name for path in out.iterdir()) and all(
        (out / name).read_bytes() == (expected / name).read_bytes() for name in names
    )


def kill_a_worker() -> int:
    """Of those that are at work on a part; its number."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                words = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if words.startswith(b"ray::make_if_fit"):
                os.kill(int(entry.name), signal.SIGKILL)
                return int(entry.name)
    raise SystemExit("no worker was at work")


def wait_for(out: Path, parts: int) -> None:
    while len(list(out.glob("part-*.parquet"))) < parts:
        time.sleep(0.05)


def killed(folder: Path, out: Path, cluster: Cluster, node: object, parts: int) -> int:
    """Embed while a worker is killed at a quarter and a node at half; parts done before that."""
    failed: list[BaseException] = []

    def work() -> None:
        try:
            embed(folder, out, parts=parts, engine="ray")
        except BaseException as fault:
            failed.append(fault)

    running = threading.Thread(target=work)
    running.start()
    wait_for(out, parts // 4)
    print(f"killed worker {kill_a_worker()} after {len(list(out.glob('part-*.parquet')))} parts")
    wait_for(out, parts // 2)
    done = len(list(out.glob("part-*.parquet")))
    cluster.remove_node(node, allow_graceful=False)
    print(f"killed a node after {done} of {parts} parts")
    running.join()
    if failed:
        raise failed[0]
    return done


def cluster_of(nodes: int, tries: int = 5) -> tuple[Cluster, list[object]]:
    """A head without a CPU, and nodes of one each. Ray waits 30 s for a node, which a busy machine
    may not keep."""
    for left in range(tries, 0, -1):
        cluster = Cluster()
        try:
            cluster.add_node(num_cpus=0)
            return cluster, [cluster.add_node(num_cpus=1) for _ in range(nodes)]
        except Exception as fault:
            print(f"no cluster: {fault}", flush=True)
            cluster.shutdown()
            if left == 1:
                raise
    raise SystemExit("no cluster")


def refused_when_taken() -> bool:
    """Whether nothing is begun while somebody else holds all CPUs."""

    @ray.remote(num_cpus=1)
    class Holder:
        def here(self) -> bool:
            return True

    holders = [Holder.remote() for _ in range(int(ray.cluster_resources()["CPU"]))]
    ray.get([holder.here.remote() for holder in holders])
    usual, on_ray.WAIT = on_ray.WAIT, 3.0
    try:
        on_ray.refuse_without_cpu(ray)
    except ClusterUnfit as fault:
        print(f"refused: {fault}")
        return True
    finally:
        on_ray.WAIT = usual
        for holder in holders:
            ray.kill(holder)
    return False


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", type=int, default=400)
    parser.add_argument("--nodes", type=int, default=4)
    parser.add_argument("--parts", type=int, default=24)
    given = parser.parse_args()
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    root = Path(tempfile.mkdtemp())
    draw(root / "in", given.images)
    print(f"{given.images} images, {given.parts} parts, load {os.getloadavg()[0]:.1f}", flush=True)
    cluster, nodes = cluster_of(given.nodes)
    ray.init(address=cluster.address, log_to_driver=False, logging_level="ERROR")
    try:
        took = {}
        for name, engine in (("warm", "ray"), ("alone", "local"), ("cluster", "ray")):
            began = time.perf_counter()
            embed(root / "in", root / name, parts=given.parts, engine=engine)
            took[name] = time.perf_counter() - began
        ratio = took["cluster"] / took["alone"]
        print(
            f"alone {took['alone']:.1f} s, {given.nodes} nodes {took['cluster']:.1f} s on the same "
            f"cores: {ratio:.2f}; load {os.getloadavg()[0]:.1f}",
            flush=True,
        )
        refused = refused_when_taken()  # before a node dies, which takes a while to be noticed
        killed(root / "in", root / "killed", cluster, nodes[0], given.parts)
        counts = ids_in(root / "killed")
        missing = given.images - len(counts)
        twice = sum(count > 1 for count in counts.values())
        print(f"{len(counts)} rows, {missing} missing, {twice} twice")
        sound = all(same(root / name, root / "alone") for name in ("warm", "cluster", "killed"))
        print(f"every part is byte by byte what this machine makes alone: {sound}")
    finally:
        ray.shutdown()
        cluster.shutdown()
        shutil.rmtree(root)
    if missing or twice or not sound or not refused:
        raise SystemExit("FAILED")


if __name__ == "__main__":
    main()
