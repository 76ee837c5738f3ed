"""`sigsearch index audit`: what to look at before an index is trusted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sigsearch.cli.keys import KeyOption, key_from
from sigsearch.cli.options import DEFAULT_INDEX, EncoderOption, IndexOption, JsonOption, shown
from sigsearch.cli.output import (
    ACCEPTED,
    NOT_ACCEPTED,
    counted,
    line,
    progress,
    say,
    sink,
    table,
)

if TYPE_CHECKING:
    from sigsearch.audit import Audit


def audit(
    index: IndexOption = DEFAULT_INDEX,
    report: Annotated[
        Path | None,
        typer.Option("--report", help="Write a page with pictures (HTML) to this file."),
    ] = None,
    key_file: KeyOption = None,
    encoder: EncoderOption = None,
    json: JsonOption = False,
) -> None:
    """Look for mistakes in the enrolment: references under a wrong name, unlike the others, or
    copied; writers who look the same or have too few references; signatures that are easy to
    imitate.

    Each reference is compared with its own writer's and with those of the six closest other
    writers. Large indexes take a while.

    The exit code is 0 if nothing was found, and 1 otherwise.

    \b
      sigsearch index audit --index indexes/mine --report audit.html
    """
    from sigsearch.audit.index_audit import audit_index
    from sigsearch.cli.files import PAGE, must_be_writable, write_page
    from sigsearch.encoder import Encoder
    from sigsearch.engine.signature_index import SignatureIndex

    if report is not None:
        must_be_writable(report, PAGE)
    key = key_from(key_file)
    with SignatureIndex.open(index, Encoder.load(encoder), read_only=True, key=key) as opened:
        found, enrolled = audit_index(opened, lambda steps, what: progress(steps, what, len(steps)))
    if report is not None:
        from sigsearch.report.audit import audit_page

        write_page(report, audit_page(found, enrolled, shown(index)))
        say(f"wrote {report}")
    sink.answer(found.report(shown(index)), lambda: _show(found, shown(index)))
    raise typer.Exit(NOT_ACCEPTED if found.findings else ACCEPTED)


def _show(found: Audit, index: str) -> None:
    writers = counted(found.writer_count, "writer")
    line(f"{writers}, {counted(found.reference_count, 'reference')}")
    rows = [(f.kind, f.writer, f.source, f.other, f.strength) for f in found.findings]
    if rows:
        table(("finding", "writer", "reference", "other reference", "strength"), rows)
        line("once you have looked at them:")
        for command in filter(None, dict.fromkeys(f.command(index) for f in found.findings)):
            line(f"  {command}")
    else:
        line("nothing found")
