"""What the store can do to its ledger, each a story within one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from sigsearch.errors import ReferenceRefused, ReferenceUnknown, WriterUnknown
from sigsearch.index.keeping import Records
from sigsearch.index.local.layout import State, key_number
from sigsearch.index.records import Reference, Writer

_PAGE = 512


def enrol(ledger: Records, references: Sequence[Reference]) -> int:
    """Store what is new; returns how many references that was."""
    state = before = ledger.state()
    by_writer: dict[str, list[Reference]] = {}
    for reference in references:
        by_writer.setdefault(reference.writer, []).append(reference)
    ledger.foresee(list(by_writer))
    for name, given in by_writer.items():
        state = _enrol_writer(ledger.of(name), state, name, given)
    if state.reference_count > before.reference_count:
        ledger.commit_change(state)
    return state.reference_count - before.reference_count


def _enrol_writer(ledger: Records, state: State, name: str, given: list[Reference]) -> State:
    """Add the new ones of a writer's references; the state that follows."""
    writer_id, held = ledger.writer_id(name), 0
    if writer_id is None:
        writer_id = state.next_writer
        state = replace(state, next_writer=writer_id + 1, writer_count=state.writer_count + 1)
    else:
        held = ledger.writer(writer_id).reference_count
    fresh: dict[str, Reference] = {}
    for one in given:
        fresh.setdefault(one.content_hash, one)  # of equal ones the first, in the order given
    if held:
        fresh = {key: one for key, one in fresh.items() if not ledger.has_hash(key, writer_id)}
    for number, one in enumerate(fresh.values(), start=state.next_reference):
        ledger.put_reference(number, writer_id, one)
    if fresh:
        ledger.put_writer(writer_id, name, held + len(fresh))
    return replace(
        state,
        next_reference=state.next_reference + len(fresh),
        reference_count=state.reference_count + len(fresh),
    )


def forget(ledger: Records, name: str) -> int:
    """Drop a writer with all references; returns how many those were. Raises WriterUnknown."""
    writer_id, own = ledger.writer_id(name), ledger.of(name)
    if writer_id is None:
        raise WriterUnknown.of(name)
    removed = tuple(map(key_number, own.held_by(writer_id)))
    for reference_id in removed:
        own.drop_reference(reference_id, writer_id)
    own.drop_writer(writer_id, name)
    state = ledger.state()
    ledger.commit_change(
        replace(
            state,
            reference_count=state.reference_count - len(removed),
            writer_count=state.writer_count - 1,
        ),
        removed,
    )
    return len(removed)


def amend(
    ledger: Records, name: str, dropped: Sequence[str], added: Sequence[Reference]
) -> tuple[int, int]:
    """Take references of a writer out by content hash and put others in, of whichever writers; how
    many that were. A writer without references is forgotten. Raises WriterUnknown or
    ReferenceUnknown."""
    writer_id, own = ledger.writer_id(name), ledger.of(name)
    if writer_id is None:
        raise WriterUnknown.of(name)
    held = {own.origin(number)[1]: number for number in map(key_number, own.held_by(writer_id))}
    if missing := [one for one in dropped if one not in held]:
        raise ReferenceUnknown(f"{name!r} has no reference with the SHA-256 {missing[0]}")
    removed = tuple(sorted({held[one] for one in dropped}))
    for number in removed:
        own.drop_reference(number, writer_id)
    own.put_writer(writer_id, name, len(held) - len(removed))
    before = ledger.state()
    state = replace(before, reference_count=before.reference_count - len(removed))
    left = state.reference_count
    by_writer: dict[str, list[Reference]] = {}
    for one in added:
        by_writer.setdefault(one.writer, []).append(one)
    for writer, given in by_writer.items():
        state = _enrol_writer(ledger.of(writer), state, writer, given)
    if not own.writer(writer_id).reference_count:
        own.drop_writer(writer_id, name)
        state = replace(state, writer_count=state.writer_count - 1)
    ledger.commit_change(state, removed)
    return len(removed), state.reference_count - left


def rename(ledger: Records, name: str, new: str) -> int:
    """Call a writer otherwise, who keeps the number; how many references there are. Raises
    WriterUnknown, or ReferenceRefused where somebody is called that already."""
    writer_id = ledger.writer_id(name)
    if writer_id is None:
        raise WriterUnknown.of(name)
    if ledger.writer_id(new) is not None:
        raise ReferenceRefused(f"a writer {new!r} is enrolled; move the references there instead")
    own, under = ledger.of(name), ledger.of(new)
    numbers = list(map(key_number, own.held_by(writer_id)))
    for number, one in zip(numbers, ledger.references_of(name), strict=True):
        own.drop_reference(number, writer_id)
        under.put_reference(number, writer_id, one)
    own.drop_writer(writer_id, name)
    under.put_writer(writer_id, new, len(numbers))
    ledger.commit_change(ledger.state())
    return len(numbers)


def holders(ledger: Records, content_hash: str) -> list[str]:
    """The names of those for whom an image is enrolled."""
    return [ledger.writer(number).name for number in ledger.holders(content_hash)]


def page_of_writers(ledger: Records, start: int) -> list[tuple[int, Writer]]:
    """Some writers with their ids, from id `start` on; empty at the end."""
    return list(islice(ledger.writers_from(start), _PAGE))


def is_enrolled(ledger: Records, content_hash: str, name: str | None) -> bool:
    """Whether an image is enrolled, for the named writer or for anybody."""
    if name is None:
        return bool(ledger.holders(content_hash))
    writer_id = ledger.writer_id(name)
    return writer_id is not None and ledger.has_hash(content_hash, writer_id)
