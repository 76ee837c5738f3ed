"""`sigsearch index check`, `repair`, `compact`, `optimise`, `migrate`, `rekey`, `erase`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sigsearch.cli.keys import KeyOption, NewKeyOption, key_from, next_key
from sigsearch.cli.options import DEFAULT_INDEX, IndexOption, JsonOption, folder_of
from sigsearch.cli.output import ACCEPTED, NOT_ACCEPTED, counted, line, say, sink

if TYPE_CHECKING:
    from sigsearch.index.care.integrity import Health
    from sigsearch.index.care.repair import Repair
    from sigsearch.index.results import Receipt


def check(
    index: IndexOption = DEFAULT_INDEX,
    key_file: KeyOption = None,
    at_least: Annotated[
        int,
        typer.Option(
            min=0,
            metavar="GENERATION",
            help="Find an older copy that was put back: `index info` shows the generation to note.",
        ),
    ] = 0,
    json: JsonOption = False,
) -> None:
    """Check every page, record, link and file of the index, and the decision log, and list what is
    damaged.

    Other files in its folder are listed, too. The exit code is 0 if everything is sound, and 1
    otherwise.

    \b
      sigsearch index check --index indexes/mine
      sigsearch index check --index indexes/mine --at-least 42
    """
    from sigsearch.index.opening import check_index

    health = check_index(index, key_from(key_file), at_least)
    sink.answer(health, lambda: _show_health(health))
    raise typer.Exit(ACCEPTED if health.sound else NOT_ACCEPTED)


def _show_health(health: Health) -> None:
    holds = _holds(health.reference_count, health.writer_count)
    line(f"{health.path}: {counted(health.records, 'record')}, {holds}")
    for problem in health.problems or ("sound",):
        line(f"  {problem}")
    for note in health.notes:
        line(f"  note: {note}")


def _holds(references: int, writers: int) -> str:
    return f"{counted(references, 'reference')} of {counted(writers, 'writer')}"


def repair(
    index: IndexOption = DEFAULT_INDEX, key_file: KeyOption = None, json: JsonOption = False
) -> None:
    """Find the store in use, restore the manifest, rebuild what is damaged from sound records.

    A sound index stays as it is. What could not be saved is listed. A damaged store is kept, and so
    is any that may hold what the index does not. Delete it when you no longer need it, and before
    `erase`. The exit code is 0 if nothing was lost, and 1 otherwise.

    \b
      sigsearch index repair --index indexes/mine
    """
    from sigsearch.index.care.repair import repair_index

    folder = folder_of(index, "restore it from a backup, or to a moment before the damage")
    done = repair_index(folder, key_from(key_file))
    sink.answer(done, lambda: _show_repair(done, folder))
    raise typer.Exit(NOT_ACCEPTED if done.lost else ACCEPTED)


def _show_repair(done: Repair, index: Path) -> None:
    holds = _holds(done.reference_count, done.writer_count)
    line(f"saved {holds}" if done.done or done.lost else f"nothing to repair: {holds}")
    for step in done.done:
        line(f"  {step}")
    for lost in done.lost:
        line(f"  lost: {lost}")
    for kept in done.kept:
        line(f"  kept: {index / kept.name}, {kept.why}")


def compact(
    index: IndexOption = DEFAULT_INDEX, key_file: KeyOption = None, json: JsonOption = False
) -> None:
    """Rewrite the index so that it holds only what is enrolled. Forgotten data is overwritten.

    \b
      sigsearch index compact --index indexes/mine
    """
    from sigsearch.index.care.integrity import notes_on
    from sigsearch.index.embedded import EmbeddedIndex
    from sigsearch.index.opening import open_index

    with open_index(index, key=key_from(key_file)) as opened:
        before = opened.info().bytes
        overwritten = opened.compact()
        after = opened.info().bytes
        notes = notes_on(opened) if isinstance(opened, EmbeddedIndex) else []
    unlinked = " (not everything was overwritten: it was open elsewhere, or has a second name)"
    sink.answer(
        {"bytes_before": before, "bytes_after": after, "overwritten": overwritten},
        lambda: line(f"{before} -> {after} bytes" + ("" if overwritten else unlinked)),
    )
    for note in notes:
        say(f"note: {note}")


def optimise(
    index: IndexOption = DEFAULT_INDEX,
    memory: Annotated[
        int | None,
        typer.Option(
            min=1, help="Bytes of memory that the search may take for each reference, now and when "
            "the structure is rebuilt later. [default: 128, and at most 512 MiB read at once]",
        ),
    ] = None,
    key_file: KeyOption = None,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """Rebuild the search structure for the present size of the index. This also happens
    automatically. For large indexes it measures which code is the fastest on this processor.

    \b
      sigsearch index optimise --index indexes/mine
      sigsearch index optimise --memory 70       # the smaller code, shared by processes
    """
    from sigsearch.index.opening import open_index

    with open_index(index, key=key_from(key_file)) as opened:
        opened.optimise(memory)
        info = opened.info()
    agrees = "agrees with exact search on the closest reference"
    named = f"{info.structure} {info.code}" if info.code else info.structure
    sink.answer(info, lambda: line(f"{named}: {agrees} in {info.recall:.1%} of cases"))


def migrate(
    index: IndexOption = DEFAULT_INDEX, key_file: KeyOption = None, json: JsonOption = False
) -> None:
    """Convert an index of an older format to the current one. An older index still works, but does
    not record where its decision log ends and cannot get a new key.

    \b
      sigsearch index migrate --index indexes/mine
    """
    from sigsearch.index.care.migration import migrate_index

    folder = folder_of(index, "it is brought up to date when it is opened for writing")
    passed = migrate_index(folder, key_from(key_file))
    current = "the index already has the current format"
    sink.answer(
        {"migrated_from": passed},
        lambda: line(f"migrated from format {passed[0]}" if passed else current),
    )


def rekey(
    index: IndexOption = DEFAULT_INDEX,
    key_file: KeyOption = None,
    new_key_file: NewKeyOption = None,
    json: JsonOption = False,
) -> None:
    """Encrypt the index with a new key. The old key no longer opens it, only older copies of its
    files.

    Both key files stay. If the command is interrupted, one of them opens the index: run it again.

    \b
      sigsearch index rekey --index indexes/vault --key-file my.key --new-key-file next.key
    """
    from sigsearch.index.embedded import EmbeddedIndex

    folder = folder_of(index, "`index copy` moves it to one with another key")
    with EmbeddedIndex.open(folder, key=key_from(key_file)) as opened:
        opened.store.seal.lasting()  # raises where there is no key to change
        key, place = next_key(new_key_file, key_file)
        overwritten = opened.rekey(key)
    sink.answer(
        {"key_file": str(place), "overwritten": overwritten},
        lambda: line(f"the key of {index} is now the one in {place}; keep a copy in a safe place"),
    )


def erase(
    writer: Annotated[str, typer.Argument(help="The writer's name.")],
    receipt: Annotated[
        Path, typer.Option("--receipt", help="Write the receipt (JSON) to this file.")
    ],
    index: IndexOption = DEFAULT_INDEX,
    key_file: KeyOption = None,
    new_key_file: NewKeyOption = None,
    json: JsonOption = False,
) -> None:
    """Forget WRITER, rewrite the index, search every file for remains, and write a receipt.

    An encrypted index gets a new key. Once you destroy the old key and its copies, nobody can read
    WRITER's records in backups or on the disk. Both key files stay: the receipt says which to
    destroy.

    Nothing is erased if the receipt cannot be written, or if the folder holds files that do not
    belong to the index, such as the damaged store that `repair` keeps. If something goes wrong
    later, the receipt is marked incomplete and says why. The exit code is then 2.

    \b
      sigsearch index erase "Anna Schmidt" --receipt anna-erased.json
    """
    from sigsearch.engine.accounts import refuse_named
    from sigsearch.engine.held_names import HeldNames
    from sigsearch.index.opening import open_index

    with open_index(index, key=key_from(key_file)) as opened:
        refuse_named(opened, writer)
        writer = HeldNames(opened).find(writer)
        if opened.gets_keys() or new_key_file:
            key, place = next_key(new_key_file, key_file)
            proof = opened.erase(writer, receipt, key, str(key_file.absolute()) if key_file else "")
        else:
            place, proof = None, opened.erase(writer, receipt)
    sink.answer(proof, lambda: _show_proof(proof, receipt, place))


def _show_proof(proof: Receipt, receipt: Path, new_key: Path | None) -> None:
    files, pieces = len(proof.files), sum(proof.pieces.values())
    line(f"forgot {proof.writer} ({counted(proof.reference_count, 'reference')})")
    traces = counted(pieces, "trace")
    searched = f"searched {counted(files, 'file')} for {traces} and found none"
    line(f"{searched if files else 'no file was searched'}; receipt: {receipt}")
    if proof.destroy:
        line(f"the key of the index is now the one in {new_key}; keep a copy in a safe place")
        line(f"destroy {proof.destroy}")
    for what in proof.not_shown:
        say(f"not shown: {what}")


def register(app: typer.Typer) -> None:
    """Add these commands to the `index` group."""
    for name, command in (
        ("check", check), ("repair", repair), ("compact", compact), ("optimise", optimise),
        ("migrate", migrate), ("rekey", rekey), ("erase", erase),
    ):  # fmt: skip
        app.command(name)(command)
