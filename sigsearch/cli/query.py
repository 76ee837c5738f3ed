"""`sigsearch query`: who signed this?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sigsearch.cli.apart import identified, opening_of
from sigsearch.cli.keys import KeyOption, key_from
from sigsearch.cli.options import (
    DEFAULT_INDEX,
    ByOption,
    EncoderOption,
    IndexOption,
    JsonOption,
    LogOption,
    SignatureOption,
    StrengthOption,
    key_values,
)
from sigsearch.cli.output import (
    ACCEPTED,
    FAILED,
    progress,
    say,
    sink,
    table,
)
from sigsearch.cli.questioned import Questioned, answered, on_image, questioned
from sigsearch.cli.verdicts import show_evidence, show_reasons, show_verdict

if TYPE_CHECKING:
    from sigsearch.engine.judge import Rates
    from sigsearch.engine.results import Identification
    from sigsearch.imaging import Signature

_MANY = 0.25  # of the signatures by enrolled writers: as many unknown are worth a word


def query(
    images: Annotated[
        list[str],
        typer.Argument(
            help="The questioned signatures, or documents that contain them; - reads standard "
            "input."
        ),
    ],
    index: IndexOption = DEFAULT_INDEX,
    k: Annotated[int, typer.Option("--k", "-k", min=1, help="How many writers to show.")] = 5,
    fpir: Annotated[
        float,
        typer.Option(
            help="Share of strangers' signatures that may be given a name (0.01 = 1 %), whatever "
            "the number of enrolled writers."
        ),
    ] = 0.01,
    candidates: Annotated[
        int,
        typer.Option(min=1, help="How many writers the search passes on to the close comparison."),
    ] = 50,
    where: Annotated[
        list[str] | None,
        typer.Option(
            "--where",
            help="KEY=VALUE: search only references with this metadata. May be repeated.",
        ),
    ] = None,
    signature: SignatureOption = None,
    strength: StrengthOption = 2.0,
    fmr: Annotated[
        float | None,
        typer.Option(
            help="As for `verify`. Default: 0.05, or the smallest rate that can be stated."
        ),
    ] = None,
    fnmr: Annotated[
        float | None,
        typer.Option(
            help="As for `verify`. Default: 0.05, or the smallest rate that can be stated."
        ),
    ] = None,
    key_file: KeyOption = None,
    encoder: EncoderOption = None,
    log: LogOption = False,
    by: ByOption = "",
    json: JsonOption = False,
) -> None:
    """Ask who signed IMAGES, and whether it is truly theirs.

    The answer is accepted, review or rejected. A signature is accepted if it is identified and
    `verify` would accept it as well. The table lists the closest writers, best first. With several
    signatures, --json prints one object per line. The exit code is 0 if every image was accepted, 1
    if any was not, and 2 if any could not be read. Each signature on a document gets an answer, but
    a document with several is accepted only for the signature you choose.

    \b
      sigsearch query cheque.png --k 5
      sigsearch query contract.pdf --signature 2
      sigsearch query "contract.pdf#page=3"
      sigsearch query scans/*.png --json > answers.jsonl
    """
    from sigsearch.encoder import Encoder
    from sigsearch.engine.signature_index import SignatureIndex
    from sigsearch.errors import SigsearchError

    worst = ACCEPTED
    key = key_from(key_file)
    model = Encoder.load(encoder)
    with SignatureIndex.open(index, model, read_only=True, key=key, log=log, by=by) as opened:
        conditions, rates = key_values(where), _rates(strength, fmr, fnmr)
        asked: dict[str, Any] = {
            "k": k, "fpir": fpir, "candidates": candidates, "where": conditions, "rates": rates,
        }  # fmt: skip
        many = 0 if "-" in images else len(images)
        opening = opening_of(index, encoder, key, many, log)
        if opening is None:
            read = partial(on_image, signature=signature)
            answers = _answers(images, read, partial(opened.identify, **asked), log)
        else:
            answers = questioned(images, partial(identified, opening, signature, asked), apart=True)
        for one in progress(answers, "searching", len(images)):
            answer = one.answer
            if isinstance(answer, SigsearchError):
                worst = FAILED
                sink.failed(answer.code, str(answer), questioned=one.name)
                continue
            assert answer is not None
            worst = max(worst, one.exit_code(answer.accepted))
            sink.answer(answer, partial(_show, answer), among=max(len(images), one.among))
    raise typer.Exit(worst)


def _answers(
    images: Sequence[str], read: Callable[[str], list[Questioned]],
    identify: Callable[[Signature], Identification], log: bool,
) -> Iterator[Questioned]:  # fmt: skip
    """All that is asked about, with its answer."""
    from sigsearch.imaging.ahead import ahead, in_turn

    # What is logged is decided in its turn: nothing is noted that nobody was told
    spread = in_turn if log else ahead
    asking = spread(partial(answered, identify=identify), questioned(images, read))
    return (answering.result() for _, answering in asking)


def _rates(strength: float, fmr: float | None, fnmr: float | None) -> Rates | None:
    """None where nothing but the defaults is asked for: then the nearest that can be stated."""
    from sigsearch.engine.judge import Rates

    plain = Rates()
    if (strength, fmr, fnmr) == (plain.strength, None, None):
        return None
    return Rates(
        plain.fmr if fmr is None else fmr,
        plain.fnmr if fnmr is None else fnmr,
        strength=strength,
    )


def _show(answer: Identification) -> None:
    from sigsearch.matching.strength import ratio

    found = f"{answer.decision}, {answer.writer}" if answer.writer else answer.decision
    show_verdict(answer.questioned, answer.verdict, found)
    rows = [
        (c.rank, c.writer, ratio(c.llr), _words(c.llr), c.verification, c.reference_count)
        for c in answer.candidates
    ]
    columns = ("rank", "writer", "LR", "rather than a stranger", "truly theirs?", "references")
    table(columns, rows)
    if answer.verification is not None:
        show_evidence(answer.verification)
    gallery = answer.gallery
    if gallery.fnir is not None and gallery.fnir > _MANY:
        say(
            f"note: at FPIR {gallery.fpir:.2%} about {gallery.fnir:.0%} of the enrolled writers' "
            "signatures stay unknown; a larger --fpir identifies more of them"
        )
    show_reasons(answer.questioned, answer.reasons, answer.capped_by)


def _words(llr: float) -> str:
    from sigsearch.matching.strength import side_of, support_of

    return "speaks against" if side_of(llr) == "other" else support_of(llr)
