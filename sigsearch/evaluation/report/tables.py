"""The tables, as heads and rows of text: the terminal and the page show the same ones."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sigsearch.evaluation.figures.identification import IdentificationFigures
from sigsearch.evaluation.figures.report_card import TRIVIAL, Figures
from sigsearch.evaluation.figures.verification import FMRS, VerificationFigures
from sigsearch.evaluation.report.text import (
    MISSING,
    NOT_BEATEN,
    UNMARKED,
    number,
    percent,
    rate,
)

_INTERVAL = re.compile(r" \[[^]]*\]")
DIR_HEADS = (
    "DIR at FPIR 1 %, unrelated",
    "at 10 %, unrelated",
    "DIR at FPIR 1 %, forgeries",
    "at 10 %, forgeries",
)


@dataclass(frozen=True, slots=True)
class TextTable:
    title: str
    note: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def brief(table: TextTable, bare: tuple[str, ...] = (), drop: tuple[str, ...] = ()) -> TextTable:
    """The table for a terminal: without the columns `drop`, and no intervals in those of `bare`."""
    shown = [n for n, head in enumerate(table.heads) if head not in drop]
    rows = tuple(
        tuple(_INTERVAL.sub("", row[n]) if table.heads[n] in bare else row[n] for n in shown)
        for row in table.rows
    )
    return TextTable(table.title, table.note, tuple(table.heads[n] for n in shown), rows)


def headline_table(figures: Figures) -> TextTable:
    """One line a set: EER against skilled forgeries by references, and rank 1."""
    lines = figures.of(figures.scorer, "skilled")
    counts = sorted({v.references for v in lines})
    found = {(v.slice, v.references): v for v in lines}
    searched = {
        (i.slice, i.references): i for i in figures.identification if i.scorer == figures.scorer
    }
    rows = []
    for name in dict.fromkeys(v.slice for v in lines):
        most = max(n for s, n in found if s == name)
        best = figures.best_trivial(found[name, most])
        search = searched.get((name, most))
        eers = [found.get((name, count)) for count in counts]
        rows.append(
            (
                name,
                *(_marked(figures, v) if v else MISSING for v in eers),
                f"{percent(best.eer)} {best.name}, {most} refs" if best else MISSING,
                f"{rate(search.rank_1)} of N = {search.gallery}" if search else MISSING,
            )
        )
    return TextTable(
        "In short, %",
        "EER against skilled forgeries by number of references, one threshold chosen afterwards, "
        "with its 95 % interval over writers; ▲ where a trivial baseline does as well. Rank 1 at "
        "the most references.",
        ("set", *(f"{n} ref{'s' * (n > 1)}" for n in counts), "best trivial", "rank 1"),
        tuple(rows),
    )


def _marked(figures: Figures, line: VerificationFigures) -> str:
    best = figures.best_trivial(line) if line.scorer not in TRIVIAL else None
    mark = NOT_BEATEN if best and not best.beaten else UNMARKED
    return f"{rate(line.eer)} {mark}".strip()


def verification_table(figures: Figures, against: str) -> TextTable:
    """The evaluated scorer's lines, with the best trivial baseline beside each."""
    rows = []
    for line in figures.of(figures.scorer, against):
        best = figures.best_trivial(line) if line.scorer not in TRIVIAL else None
        rows.append(
            (
                line.slice,
                str(line.references),
                _marked(figures, line),
                f"{percent(best.eer)} {best.name}" if best else MISSING,
                rate(line.fmr),
                rate(line.fnmr),
                *(rate(line.fnmr_at_fmr[fmr]) for fmr in FMRS),
                percent(line.eer_per_writer.value),
                f"{line.writers} / {line.mated} / {line.non_mated}",
            )
        )
    return TextTable(
        f"Verification against {against} forgeries, %",
        "EER: one threshold, chosen afterwards on the test scores (for comparison with papers), "
        "with its 95 % interval over writers; ▲ where a trivial baseline does as well. FMR and "
        "FNMR: at the threshold fixed beforehand on validation writers. FNMR at FMR: – where there "
        "are too few comparisons to speak of the rate. EER per writer: a threshold for each, "
        "chosen afterwards.",
        (
            "set", "refs", "EER", "best trivial", "FMR", "FNMR",
            *(f"FNMR at FMR {100 * fmr:g} %" for fmr in FMRS),
            "EER per writer", "writers / genuine / forgeries",
        ),
        tuple(rows),
    )  # fmt: skip


def scorer_table(figures: Figures, against: str) -> TextTable:
    """All scorers beside each other: EER by dataset, at the fewest and the most references."""
    lines = [v for v in figures.verification if v.against == against]
    slices = list(dict.fromkeys((v.slice, v.references) for v in lines))
    scorers = list(dict.fromkeys(v.scorer for v in lines))
    found = {(v.scorer, v.slice, v.references): v for v in lines}
    counts = sorted({v.references for v in lines})
    shown = [(s, n) for s, n in slices if n in (counts[0], counts[-1])] if counts else []
    shown += [(s, n) for s, n in slices if (s, n) not in shown and _most(s, n, slices)]
    rows = []
    for scorer in scorers:
        cells = [found.get((scorer, s, n)) for s, n in shown]
        name = f"{scorer} (trivial)" if scorer in TRIVIAL and "trivial" not in scorer else scorer
        rows.append((name, *(percent(v.eer.value) if v else MISSING for v in cells)))
    return TextTable(
        f"Everything on the same comparisons: EER against {against} forgeries, %",
        "One threshold, chosen afterwards for each scorer.",
        ("scorer", *(f"{s}, {n} ref{'s' * (n > 1)}" for s, n in shown)),
        tuple(rows),
    )


def beside_table(figures: Figures, against: str) -> TextTable:
    """The same narrow enough for a terminal: a line a set, the trivial baselines as their best."""
    lines = figures.of(figures.scorer, against)
    peers = [s for s in dict.fromkeys(v.scorer for v in figures.verification) if s not in TRIVIAL]
    found = {(v.scorer, v.slice, v.references): v for v in figures.verification
             if v.against == against}  # fmt: skip
    rows = []
    for line in lines:
        cells = [found.get((peer, line.slice, line.references)) for peer in peers]
        best = figures.best_trivial(line)
        rows.append(
            (
                line.slice,
                str(line.references),
                *(percent(v.eer.value) if v else MISSING for v in cells),
                f"{percent(best.eer)} {best.name}" if best else MISSING,
            )
        )
    return TextTable(
        f"On the same comparisons: EER against {against} forgeries, %",
        "One threshold, chosen afterwards for each scorer.",
        ("set", "refs", *peers, "best trivial"),
        tuple(rows),
    )


def _most(name: str, count: int, slices: Iterable[tuple[str, int]]) -> bool:
    """Whether `count` is the most references that the slice has (Cross-media stops at three)."""
    return count == max(n for s, n in slices if s == name)


def identification_table(lines: Iterable[IdentificationFigures]) -> TextTable:
    rows = []
    for line in lines:
        strangers = {}
        for at in line.open_set:
            strangers[at.strangers, at.fpir] = f"{rate(at.dir)} of {at.non_mated}" + (
                "" if at.supported else " (too few)"
            )
        rows.append(
            (
                line.scorer, line.slice, str(line.references), str(line.gallery), str(line.mated),
                rate(line.rank_1), rate(line.rank_5),
                *(
                    strangers.get((who, fpir), MISSING)
                    for who in ("unrelated writers", "forgeries of enrolled writers")
                    for fpir in (0.01, 0.1)
                ),
            )
        )  # fmt: skip
    return TextTable(
        "Identification, %",
        "N: enrolled writers. DIR: share of searches that name the right writer first and reach "
        "the threshold (FNIR = 100 − DIR), at the threshold, chosen afterwards, at which 1 % or "
        "10 % of the strangers' searches return anyone; strangers are signatures whose writer is "
        "not enrolled (N − 1) or skilled forgeries of enrolled writers, of how many. "
        "(too few): fewer strangers than the rate needs (three expected errors).",
        (
            "scorer", "set", "refs", "N", "searches", "rank 1", "rank 5", *DIR_HEADS,
        ),
        tuple(rows),
    )  # fmt: skip


def calibration_table(figures: Figures) -> TextTable:
    rows = [
        (
            c.scorer, c.slice, str(c.references), c.against,
            number(c.cllr.value) + (f" [{c.cllr.low:.2f}–{c.cllr.high:.2f}]"),
            number(c.cllr_min),
            number(c.cllr.value - c.cllr_min),
            f"{c.bounds[0]:.2f} to {c.bounds[1]:.2f}",
        )
        for c in figures.calibration
    ]  # fmt: skip
    return TextTable(
        "Likelihood ratios",
        "Scores calibrated on validation writers (logistic, all sets together). Cllr: 0 is "
        "perfect, 1 is as good as no evidence; its excess over Cllr_min is what calibration costs. "
        "Bounds: log10 LR beyond which the validation scores support no claim.",
        ("scorer", "set", "refs", "against", "Cllr", "Cllr_min", "excess", "bounds"),
        tuple(rows),
    )


def slice_table(title: str, lines: Iterable[VerificationFigures]) -> TextTable:
    rows = [
        (
            v.slice, v.against, str(v.references), rate(v.eer), rate(v.fmr), rate(v.fnmr),
            f"{v.writers} / {v.mated} / {v.non_mated}",
        )
        for v in lines
    ]  # fmt: skip
    return TextTable(
        title,
        "FMR and FNMR at the threshold fixed on validation writers.",
        ("", "against", "refs", "EER", "FMR", "FNMR", "writers / genuine / forgeries"),
        tuple(rows),
    )
