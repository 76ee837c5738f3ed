"""`sigsearch index verify`, `repair`, `compact`, `optimise`, `migrate`: looking after an index."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sigsearch.cli.keys import KeyOption, key_from
from sigsearch.cli.options import DEFAULT_INDEX, IndexOption, JsonOption


def verify(
    index: IndexOption = DEFAULT_INDEX, key_file: KeyOption = None, json: JsonOption = False
) -> None:
    """Check every page, record, link and file of the index and name what is bad.

    What else lies in its folder is named, too. Exit code 0 when all is sound, 1 when it is not.

    \b
      sigsearch index verify --index indexes/mine
    """
    from sigsearch.cli.output import ACCEPTED, NOT_ACCEPTED, emit, line
    from sigsearch.index.care.integrity import verify_index

    health = verify_index(index, key_from(key_file))
    if json:
        emit(health.to_dict())
    else:
        counts = f"{health.references} references of {health.writers} writers"
        line(f"{index}: {health.records} records, {counts}")
        for problem in health.problems or ("sound",):
            line(f"  {problem}")
        for note in health.notes:
            line(f"  note: {note}")
    raise typer.Exit(ACCEPTED if health.sound else NOT_ACCEPTED)


def repair(
    index: IndexOption = DEFAULT_INDEX, key_file: KeyOption = None, json: JsonOption = False
) -> None:
    """Find the living store, restore the manifest, rebuild what is damaged from sound records.

    A sound index stays as it is. What could not be saved is listed. A damaged store, and any that
    may hold what the index does not, is kept; delete it when you no longer need it, and before
    `erase`. Exit code 0 when nothing was lost, 1 when something was.

    \b
      sigsearch index repair --index indexes/mine
    """
    from sigsearch.cli.output import ACCEPTED, NOT_ACCEPTED, emit, line
    from sigsearch.index.care.repair import repair_index

    done = repair_index(index, key_from(key_file))
    if json:
        emit(done.to_dict())
    else:
        counts = f"{done.references} references of {done.writers} writers"
        line(f"saved {counts}" if done.done or done.lost else f"nothing to repair: {counts}")
        for step in done.done:
            line(f"  {step}")
        for lost in done.lost:
            line(f"  lost: {lost}")
        for kept in done.kept:
            line(f"  kept: {index / kept.name}, {kept.why}")
    raise typer.Exit(NOT_ACCEPTED if done.lost else ACCEPTED)


def compact(
    index: IndexOption = DEFAULT_INDEX, key_file: KeyOption = None, json: JsonOption = False
) -> None:
    """Rewrite the index with what is enrolled only; what was forgotten is overwritten.

    \b
      sigsearch index compact --index indexes/mine
    """
    from sigsearch.cli.output import emit, line, say
    from sigsearch.index.care.integrity import notes_on
    from sigsearch.index.embedded import EmbeddedIndex

    with EmbeddedIndex.open(index, key=key_from(key_file)) as opened:
        before = opened.info().bytes
        overwritten = opened.compact()
        after = opened.info().bytes
        notes = notes_on(opened)
    if json:
        emit({"bytes_before": before, "bytes_after": after, "overwritten": overwritten})
    else:
        unlinked = " (what others had open, or has a second name, was unlinked only)"
        line(f"{before} -> {after} bytes" + ("" if overwritten else unlinked))
    for note in notes:
        say(f"note: {note}")


def optimise(
    index: IndexOption = DEFAULT_INDEX, key_file: KeyOption = None, json: JsonOption = False
) -> None:
    """Build the search structure that suits the index as it is now (happens by itself, too).

    \b
      sigsearch index optimise --index indexes/mine
    """
    from sigsearch.cli.output import emit, line
    from sigsearch.index.embedded import EmbeddedIndex

    with EmbeddedIndex.open(index, key=key_from(key_file)) as opened:
        opened.optimise()
        info = opened.info()
    if json:
        emit(info.to_dict())
    else:
        line(f"{info.structure}, rank-1 agreement with exact search {info.recall:.1%}")


def migrate(index: IndexOption = DEFAULT_INDEX, json: JsonOption = False) -> None:
    """Bring an index of an older format to the present one.

    \b
      sigsearch index migrate --index indexes/mine
    """
    from sigsearch.cli.output import emit, line
    from sigsearch.index.care.migration import migrate_index

    passed = migrate_index(index)
    if json:
        emit({"migrated_from": passed})
    else:
        line(f"migrated from format {passed[0]}" if passed else "the format is the present one")


def prove(
    writer: Annotated[str, typer.Argument(help="The writer's name.")],
    receipt: Annotated[Path, typer.Option("--receipt", help="Write the receipt here (JSON).")],
    index: IndexOption = DEFAULT_INDEX,
    key_file: KeyOption = None,
    json: JsonOption = False,
) -> None:
    """Forget WRITER, rewrite the index, search every file for residues, and write a receipt.

    Nothing is forgotten if the receipt cannot be written, or while the index's folder holds files
    that are not its own, such as the damaged store that `repair` keeps. If something goes wrong
    after that, the receipt is marked incomplete and says why (exit code 2).

    \b
      sigsearch index erase "Anna Schmidt" --receipt anna-erased.json
    """
    from sigsearch.cli.output import emit, line
    from sigsearch.engine.held_names import HeldNames
    from sigsearch.index.embedded import EmbeddedIndex

    with EmbeddedIndex.open(index, key=key_from(key_file)) as opened:
        writer = HeldNames(opened).find(writer)
        proof = opened.erase(writer, receipt)
    if json:
        emit(proof.to_dict())
    else:
        pieces = sum(proof.pieces.values())
        line(f"forgot {writer}: {proof.references} references; {pieces} pieces looked for in")
        line(f"{len(proof.files)} files and none found; receipt in {receipt}")


def register(app: typer.Typer) -> None:
    """Add these commands to the `index` group."""
    for name, command in (
        ("verify", verify), ("repair", repair), ("compact", compact), ("optimise", optimise),
        ("migrate", migrate), ("erase", prove),
    ):  # fmt: skip
        app.command(name)(command)
