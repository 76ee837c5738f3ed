"""Parts made on a Ray cluster: each is a task of its own, of one CPU and one thread. A part is
written aside and renamed, so a task that was lost with its node is simply done again."""

from __future__ import annotations

import logging
import os
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sigsearch.bulk.on_cores import make_part
from sigsearch.bulk.places import PLAN, is_url
from sigsearch.bulk.units import Unit
from sigsearch.bulk.writing import Counts, PartOrder
from sigsearch.documents.addresses import Address
from sigsearch.encoder import Encoder
from sigsearch.engine.enrolment import identity_of
from sigsearch.errors import ClusterUnfit, EncoderMismatch, ExtraMissing, SigsearchError

if TYPE_CHECKING:
    from sigsearch.bulk.job import Job

WAIT = 30.0  # seconds in which a node, or an autoscaler, may bring the first CPU
_AGAIN = 10  # times that a part is begun anew after its worker or node was lost
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def run_on_ray(job: Job, workers: int, tell: Callable[[int, int], None]) -> list[Counts]:
    """Make all parts on the cluster that RAY_ADDRESS names, or on one that is started here; at
    most so many `workers` at once, 0 = as many as there are CPUs.

    Raises ClusterUnfit where there is no CPU left, or a part was lost again and again.
    """
    if not job.parts:
        return []
    with _connected() as ray:
        refuse_without_cpu(ray)
        make = ray.remote(
            num_cpus=1,
            max_retries=_AGAIN,
            retry_exceptions=False,
            runtime_env={"env_vars": dict.fromkeys(_ONE_THREAD, "1")},
        )(make_if_fit)
        made, done = [], 0
        for counts, inputs in _results(ray, make, job, workers):
            made.append(counts)
            done += inputs
            tell(done, job.inputs)
    return made


def _results(ray: Any, make: Any, job: Job, workers: int) -> Iterator[tuple[Counts, int]]:
    """What each part holds, as they are done, and how many inputs it had."""
    room = workers or 2 * int(ray.cluster_resources().get("CPU", 1)) + 2
    parts, running = iter(job.parts), dict[Any, int]()
    while True:
        for order, units in parts:
            task = make.remote(job.source, job.out, job.encoder, order, units)
            running[task] = sum(unit.count for unit in units)
            if len(running) >= room:
                break
        if not running:
            return
        ready, _ = ray.wait(list(running), num_returns=1)
        for task in ready:
            inputs = running.pop(task)
            yield _got(ray, task), inputs


def make_if_fit(
    source: str, out: str, encoder: str, order: PartOrder, units: Sequence[Unit]
) -> Counts:
    """`make_part`, on a node that is found fit. Raises ClusterUnfit where it does not see the
    files: each of them would be an error; EncoderMismatch."""
    for place in (source, os.path.join(out, PLAN)):
        if not is_url(place) and not os.path.exists(Address.of(place).source):
            raise ClusterUnfit(
                f"the node {platform.node()} does not see {place}: put it on storage that all "
                "nodes share"
            )
    if (found := identity_of(Encoder.load(encoder or None, threads=1))) != order.identity:
        raise EncoderMismatch(f"the node {platform.node()} has the encoder {found.id}")
    return make_part(out, encoder, order, units)


def _got(ray: Any, task: Any) -> Counts:
    try:
        counts: Counts = ray.get(task)
    except ray.exceptions.RayTaskError as fault:
        cause = fault.cause
        if isinstance(cause, SigsearchError):
            raise cause from None
        raise ClusterUnfit(f"a worker failed: {_first_line(cause or fault)}") from fault
    except ray.exceptions.RayError as fault:
        raise ClusterUnfit(
            f"a part was lost {_AGAIN + 1} times ({_first_line(fault)}); run it again: "
            "finished parts are kept"
        ) from fault
    return counts


def _first_line(fault: BaseException) -> str:
    return str(fault).strip().partition("\n")[0] or type(fault).__name__


def refuse_without_cpu(ray: Any) -> None:
    """Ray would wait for ever. Raises ClusterUnfit."""
    end = time.monotonic() + WAIT
    while True:
        whole = ray.cluster_resources().get("CPU", 0)
        free = ray.available_resources().get("CPU", 0)
        if free >= 1:
            return
        if whole < 1 or time.monotonic() > end:
            raise ClusterUnfit(
                f"no CPU is free for reading images ({free:g} of {whole:g} in the cluster): end "
                "other work on it, or add nodes"
            )
        time.sleep(0.5)


@contextmanager
def _connected() -> Iterator[Any]:
    """Ray, joined; left again by whoever joined it here. Raises ClusterUnfit or ExtraMissing."""
    try:
        import ray
    except ImportError as fault:
        raise ExtraMissing("--engine ray needs ray: pip install 'sigsearch[ray]'") from fault
    if ray.is_initialized():
        yield ray
        return
    try:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        ray.init(logging_level=logging.ERROR, log_to_driver=False, include_dashboard=False)
    except Exception as fault:  # ray raises several kinds
        raise ClusterUnfit(f"no Ray cluster can be reached or started: {fault}") from fault
    try:
        yield ray
    finally:
        ray.shutdown()
