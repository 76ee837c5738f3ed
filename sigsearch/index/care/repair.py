"""Brings a damaged index back: its living store, its manifest, its sound records.

Nothing is deleted here that may hold what the index does not: it is kept, and said why.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sigsearch.errors import IndexCorrupt, IndexFault, IndexMissing, VerifyOnly
from sigsearch.index.care.compaction import drafted_store, erase_strays, name_store, strays
from sigsearch.index.care.decision_log import DecisionLog
from sigsearch.index.care.integrity import (
    UNPROVEN,
    log_problems,
    pages_astray,
    snapshot_problems,
    store_problems,
)
from sigsearch.index.care.lineage import is_superseded, living_of, peek, state_of
from sigsearch.index.care.rebuilding import rebuild
from sigsearch.index.local.contents import COPY, MANIFEST, aside, is_plain, next_store, stores
from sigsearch.index.local.environment import Environment
from sigsearch.index.local.files import named_faults
from sigsearch.index.local.folder import Folder, read_plain
from sigsearch.index.local.layout import State
from sigsearch.index.local.manifest import FORMAT, read_manifest, write_manifest
from sigsearch.index.local.sealing import new_sealing, seal_of
from sigsearch.index.local.sharing import release, share
from sigsearch.index.local.writer_index import WriterIndex
from sigsearch.index.seals.checksum import Seal
from sigsearch.index.search.snapshot import build_lock, drop_snapshot
from sigsearch.schema import Jsonable


@dataclass(frozen=True, slots=True)
class Kept(Jsonable):
    """A store beside the living one that was not deleted."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Repair(Jsonable):
    """What the index holds now, what of it was lost, and what was kept beside it.

    `done` says in sentences what was mended; nothing where the index was sound.
    """

    path: str
    writer_count: int
    reference_count: int
    lost: tuple[str, ...]
    kept: tuple[Kept, ...]
    done: tuple[str, ...]


@dataclass(slots=True)
class _Course:
    """What there is to say of a repair under way."""

    lost: list[str] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    done: list[str] = field(default_factory=list)


def repair_index(path: Path | str, key: bytes | None = None, *, wait: float = 10.0) -> Repair:
    """Find the living store, restore the manifest, and where records are damaged rebuild the store
    from the sound ones: a reference is saved if its origin, vector, tokens and writer's name are
    sound; names, hashes, counts and links follow from them.

    A sound index stays as it is.

    Raises:
        IndexMissing: nothing that looks like a store. IndexFault: it has a newer format.
        IndexCorrupt: the encoder record is lost.
    """
    if not Path(path).is_dir():
        raise IndexMissing(f"there is no index at {path}")
    environment = share(Path(path), "full")
    try:
        with (
            build_lock(environment.root).held(wait),
            environment.lock.held(wait),
            named_faults(environment.root),
        ):
            return _repaired(environment, key)
    finally:
        release(environment)


def _repaired(environment: Environment, key: bytes | None) -> Repair:
    root, course = environment.root, _Course()
    environment.close()
    _restore_manifest(root, key, course)
    problems, state = _problems(root, key, course)
    if problems:
        environment.close()
        state = _rebuild_store(environment, key, problems, course)
    with WriterIndex.open(root, key=key, read_only=True) as index:
        if not problems:
            environment.settle()
            erase_strays(index.store, patience=1.0)
        _bind_log(index, course)
        course.kept += [Kept(name, UNPROVEN) for name in strays(root)]
        writers, references = state.writer_count, state.reference_count
    return Repair(
        str(root), writers, references, tuple(course.lost), tuple(course.kept), tuple(course.done)
    )


def _bind_log(index: WriterIndex, course: _Course) -> None:
    """Let the decision log go on from what lies there; what the index knew of it is lost."""
    if not (missed := log_problems(index)):
        return
    course.lost += missed
    with suppress(IndexCorrupt):  # a line in its midst: the file is evidence, and stays
        end = DecisionLog(index).end_of_lines()
        if index.store.state().log is not None:
            index.store.end_log(end)
            course.done.append(f"the decision log goes on after its {end.entries} entries")


def _restore_manifest(root: Path, key: bytes | None, course: _Course) -> None:
    """Leave the manifest as it is if it names a store that is there; else find the living one."""
    found = {name: _read(root, name) for name in (MANIFEST, COPY)}
    manifest = found[MANIFEST] or found[COPY] or {"sealing": _lost_sealing()}
    seal = seal_of(manifest["sealing"], key, root)
    named = found[MANIFEST]
    candidates = [name for name in stores(root) if is_plain(root / name / "data.mdb")]
    if named and named["store"] in candidates:
        return
    if not candidates:
        raise IndexMissing(
            f"{root} holds no store to repair; delete what is there, and build the index again"
        )
    living = living_of([root / name for name in candidates], seal)
    if not any(found.values()):
        _must_open(living, seal)
    if named:
        course.lost.append(f"{named['store']}, which {MANIFEST} names, is not there")
    course.lost += [
        f"what only {name} may hold: it is of another history than {living.name}, or not readable"
        for name in _others(root, living, candidates, seal)
    ]
    write_manifest(root, {"format": FORMAT, **manifest, "store": living.name})
    course.done.append(f"{MANIFEST} was restored; it names {living.name}, the newest store")


def _lost_sealing() -> dict[str, Any]:
    """Of a plain index whose manifests are both lost. Who has it open knows it by a former salt."""
    return {**new_sealing(None, verify_only=False), "restored": True}


def _must_open(living: Path, seal: Seal) -> None:
    """Refuse to write a manifest anew that would not say how records are sealed."""
    reached = False
    try:
        with peek(living, seal, any_state=True) as ledger:
            reached = True
            ledger.identity()
    except IndexCorrupt as fault:
        if not reached:
            return  # damaged pages: what can be saved will show
        raise IndexCorrupt(
            f"{MANIFEST} and {COPY} of {living.parent} are lost, and {living.name} does not open "
            "without what they said (it is encrypted, or its encoder record is lost): "
            f"put one of them back from a copy of the index, then repair again ({fault})"
        ) from fault


def _others(root: Path, living: Path, candidates: list[str], seal: Seal) -> list[str]:
    """Stores that are not known to be superseded by the living one."""
    others = [name for name in candidates if name != living.name]
    if not others or state_of(living, seal) is None:
        return others
    with peek(living, seal) as ledger:
        return [name for name in others if not is_superseded(root / name, seal, ledger)]


def _read(root: Path, name: str) -> dict[str, Any] | None:
    """A manifest, or None if it is missing or damaged; raises IndexFault if its format is newer."""
    try:
        return read_manifest(root, name)
    except IndexFault as fault:
        claimed = _claimed_format(root / name)
        if claimed > FORMAT:
            raise IndexFault(
                f"{root / name} says format {claimed}, this version reads {FORMAT}; a newer "
                "sigsearch repairs it"
            ) from fault
        return None


def _claimed_format(path: Path) -> int:
    """What a manifest says of its format, sound or not; 0 if it says nothing."""
    with suppress(OSError, IndexFault, ValueError, KeyError, TypeError, RecursionError):
        claimed = json.loads(read_plain(path))["content"]["format"]
        return claimed if isinstance(claimed, int) else 0
    return 0


def _problems(root: Path, key: bytes | None, course: _Course) -> tuple[list[str], State]:
    """What is bad in the store that the manifest names; a bad snapshot is dropped at once."""
    try:
        if astray := pages_astray(root):
            return astray, State()
        with WriterIndex.open(root, key=key, read_only=True) as index:
            problems, _ = store_problems(index)
            if not problems and snapshot_problems(index):
                drop_snapshot(root)
                course.done.append("the damaged search structure was dropped")
            return problems, State() if problems else index.store.state()
    except IndexCorrupt as fault:
        return [str(fault)], State()


def _rebuild_store(
    environment: Environment, key: bytes | None, problems: list[str], course: _Course
) -> State:
    """A new store of the sound records in place of the damaged one, which is put aside."""
    root = environment.root
    manifest = read_manifest(root)
    old, new = str(manifest["store"]), next_store(root)
    seal = seal_of(manifest["sealing"], key, root)
    if seal.verify_only:
        raise VerifyOnly(
            f"{root} is a verify-only index: nobody can read all its records, so its damaged "
            f"store was not rebuilt: {problems[0]}"
        )
    with drafted_store(root, new):
        state, lost = rebuild(root / old, root / new, seal)
        name_store(root, manifest, new)
    environment.settle()
    drop_snapshot(root)
    name = _put_aside(root, old)
    course.lost += lost
    course.kept.append(Kept(name, f"damaged ({len(problems)} problems, first: {problems[0]})"))
    course.done.append(f"{new} was built from the sound records of {old}")
    return state


def _put_aside(root: Path, store: str) -> str:
    """Give the damaged store a name under which nobody takes it for one in use."""
    with named_faults(root / store), Folder.at(root) as folder:
        try:
            folder.rename(store, aside(store))
        except PermissionError:  # on Windows, while somebody has it open
            return store
    return aside(store)
