"""Images to files of embeddings: what is done is passed over, what is damaged is made anew."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sigsearch.arguments import COUNT, PLACE, of_kind, takes
from sigsearch.bulk.inputs import Asked, Inputs, read_inputs
from sigsearch.bulk.job import Job
from sigsearch.bulk.places import PLAN, Place, place_at
from sigsearch.bulk.units import Unit, part_of
from sigsearch.bulk.writing import Counts, PartOrder, damage_of
from sigsearch.encoder import Encoder, shipped_folder
from sigsearch.engine.enrolment import identity_of
from sigsearch.errors import ArgumentRefused, StorageFault
from sigsearch.index.records import EncoderIdentity
from sigsearch.schema import Engine, Jsonable, Layout, WriterFolder

_EACH = 1000  # inputs a part, about
Tell = Callable[[int, int], None]
"""How many inputs are done, and how many there are to do."""


@dataclass(frozen=True, slots=True)
class Embedded(Jsonable):
    """What `embed` did. inputs, parts: of this shard; made, kept: parts made now and before;
    damaged: what was wrong with parts that were made anew; changed: parts whose inputs had changed;
    rows, errors: in all parts of this shard."""

    out: str
    shard: str
    encoder: str
    inputs: int
    parts: int
    made: int
    kept: int
    damaged: tuple[str, ...]
    changed: int
    rows: int
    errors: int
    forgeries_left_out: int
    left_out: int
    notes: tuple[str, ...] = ()


@takes(source=PLACE, out=PLACE, encoder=of_kind(Encoder), parts=COUNT, workers=COUNT)
def embed(
    source: Path | str,
    out: Path | str,
    encoder: Encoder | None = None,
    *,
    shard: tuple[int, int] = (1, 1),
    layout: Layout = "auto",
    writer_folder: WriterFolder = "auto",
    writers: bool = True,
    parts: int = 0,
    engine: Engine = "local",
    workers: int = 0,
    tell: Tell = lambda done, whole: None,
) -> Embedded:
    """Embed all images at `source` into Parquet files in the folder `out`; both may be URLs of
    object storage. Run again, it passes over what is done.

    `shard` (i, n): of n runs this is the i-th, from 1, and makes every n-th part. `parts`: how many
    there are, by default one for a thousand inputs; the first run settles it. Where `writers` are
    told, by folders or a manifest, each input is one reference as `SignatureIndex.build` reads it;
    else each signature that is found is a row. `workers`: processes, 0 = a core each.

    Raises DatasetError, StorageFault or IndexFault: what was finished before stays. ClusterUnfit:
    the Ray cluster cannot do it.
    """
    _refuse_odd(str(source), str(out), shard, parts)
    chosen = encoder or Encoder.load()
    inputs = read_inputs(str(source), Asked(layout, writer_folder, writers))
    place, identity = place_at(str(out)), identity_of(chosen)
    count = _settled(
        place, str(out), parts or sum(unit.count for unit in inputs.units) // _EACH + 1, identity
    )
    orders = _orders(inputs, shard, count, identity)
    done, todo, damaged, changed = _looked_at(place, orders)
    folder = "" if chosen.folder == shipped_folder() else str(chosen.folder)
    job = Job(str(source), str(out), folder, tuple(todo))
    made = _run(engine)(job, workers, tell)
    return Embedded(
        out=str(out),
        shard=f"{shard[0]}/{shard[1]}",
        encoder=identity.id,
        inputs=sum(unit.count for _, units in orders for unit in units),
        parts=len(orders),
        made=len(made),
        kept=len(done),
        damaged=tuple(damaged),
        changed=changed,
        rows=sum(one.rows for one in (*done, *made)),
        errors=sum(one.errors for one in (*done, *made)),
        forgeries_left_out=inputs.forgeries,
        left_out=len(inputs.left_out),
        notes=inputs.notes,
    )


def _refuse_odd(source: str, out: str, shard: tuple[int, int], parts: int) -> None:
    number, of = shard
    if not 1 <= number <= of:
        raise ArgumentRefused(f"shard {number}/{of}: give i/n with i from 1 to n")
    if parts < 0:
        raise ArgumentRefused(f"{parts} parts: give 1 or more")
    if source.rstrip("/") == out.rstrip("/"):
        raise ArgumentRefused(f"{out}: choose another folder than that of the images")


def _settled(place: Place, out: str, parts: int, identity: EncoderIdentity) -> int:
    """Into how many parts the output is split: as the first run wrote it down."""
    plan = {"parts": parts, "encoder": identity.to_dict()}
    try:
        found = json.loads(place.first(PLAN, json.dumps(plan).encode()))
        count, made_by = int(found["parts"]), EncoderIdentity(**found["encoder"])
    except (ValueError, KeyError, TypeError) as fault:
        raise StorageFault(f"{out}/{PLAN}: damaged ({fault}); delete it") from fault
    if made_by != identity:
        raise StorageFault(
            f"{out}: holds embeddings of the encoder {made_by.id}, not of {identity.id}; choose "
            "another folder"
        )
    return count


def _orders(
    inputs: Inputs, shard: tuple[int, int], count: int, identity: EncoderIdentity
) -> list[tuple[PartOrder, tuple[Unit, ...]]]:
    number, of = shard
    landed: dict[int, list[Unit]] = {n: [] for n in range(number - 1, count, of)}
    for unit in inputs.units:
        part = part_of(unit, count)
        if part in landed:
            landed[part].append(unit)
    return [(PartOrder.of(n, count, units, identity), tuple(units)) for n, units in landed.items()]


def _looked_at(
    place: Place, orders: Sequence[tuple[PartOrder, tuple[Unit, ...]]]
) -> tuple[list[Counts], list[tuple[PartOrder, tuple[Unit, ...]]], list[str], int]:
    """What is done, what is to do, and of that what is damaged and what has changed."""
    there, done, todo = place.names(), list[Counts](), []
    damaged, changed = list[str](), 0
    for order, units in orders:
        counts, wrong = damage_of(place, order) if order.name in there else (None, "")
        if counts is not None:
            done.append(counts)
            continue
        todo.append((order, units))
        if wrong:
            damaged.append(wrong)
        elif order.name in there:
            changed += 1
    return done, todo, damaged, changed


def _run(engine: Engine) -> Callable[[Job, int, Tell], list[Counts]]:
    if engine == "ray":
        from sigsearch.bulk.on_ray import run_on_ray

        return run_on_ray
    from sigsearch.bulk.on_cores import run_on_cores

    return run_on_cores
