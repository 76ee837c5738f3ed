"""`sigsearch index check`: what to look at before an index is trusted."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sigsearch.cli.keys import KeyOption, key_from
from sigsearch.cli.options import DEFAULT_INDEX, EncoderOption, IndexOption, JsonOption


def check(
    index: IndexOption = DEFAULT_INDEX,
    report: Annotated[
        Path | None, typer.Option("--report", help="Write a page with the pictures here (HTML).")
    ] = None,
    key_file: KeyOption = None,
    encoder: EncoderOption = None,
    json: JsonOption = False,
) -> None:
    """Audit the enrolment: references under the wrong name, unlike the rest, copied; writers that
    cannot be told apart or have too few references; signatures that anyone could imitate.

    Each reference is compared with its own writer's and with those of the six nearest other
    writers, which the index's search finds: tens of milliseconds a reference, so that a hundred
    thousand take an hour or two.

    Exit code 0 when there is nothing to look at, 1 when there is.

    \b
      sigsearch index check --index indexes/mine --report audit.html
    """
    from sigsearch.audit.index_audit import audit_index
    from sigsearch.cli.files import PAGE, must_be_writable, write_page
    from sigsearch.cli.output import (
        ACCEPTED,
        NOT_ACCEPTED,
        emit,
        line,
        progress,
        say,
        table,
    )
    from sigsearch.encoder import Encoder
    from sigsearch.engine.signature_index import SignatureIndex

    if report is not None:
        must_be_writable(report, PAGE)
    key = key_from(key_file)
    with SignatureIndex.open(index, Encoder.load(encoder), read_only=True, key=key) as opened:
        found, enrolled = audit_index(opened, lambda steps, what: progress(steps, what, len(steps)))
    if report is not None:
        from sigsearch.report.audit import audit_page

        write_page(report, audit_page(found, enrolled, str(index)))
        say(f"wrote {report}")
    if json:
        emit(found.to_dict())
    else:
        line(f"{found.writers} writers, {found.references} references")
        rows = [(f.kind, f.writer, f.source, f.other, f.strength) for f in found.findings]
        if rows:
            table(("finding", "writer", "reference", "concerns", "strength"), rows)
        else:
            line("nothing found")
    raise typer.Exit(NOT_ACCEPTED if found.findings else ACCEPTED)
