"""The tables of an evaluation: the terminal and the page show the same ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from sigsearch.evaluation.figures.identification import (
    FORGERIES,
    FPIRS,
    UNRELATED,
    IdentificationFigures,
    OpenSetRate,
)
from sigsearch.evaluation.figures.report_card import TRIVIAL, Baseline, Figures
from sigsearch.evaluation.figures.verification import FMRS, VerificationFigures
from sigsearch.evaluation.scorers.trivial import PROPERTIES
from sigsearch.evaluation.table_text import (
    MISSING,
    NOT_BEATEN,
    Cell,
    Column,
    FigureTable,
    Row,
    TextTable,
    brief,
    number,
    percent,
    rate,
    refs,
)

_COUNTS = Column("writers / genuine / forgeries", "absent")


def terminal_tables(figures: Figures) -> list[TextTable]:
    """What a terminal shows of an evaluation."""
    own = [i for i in figures.identification if i.scorer == figures.scorer]
    shown = [
        verification_table(figures, "skilled"),
        verification_table(figures, "random"),
        beside_table(figures, "skilled"),
        identification_table(own),
        headline_table(figures),
    ]
    return [brief(table) for table in shown if table.rows]


def headline_table(figures: Figures) -> FigureTable:
    """One line a set: EER against skilled forgeries by references, and rank 1."""
    lines = figures.of(figures.scorer, "skilled")
    counts = sorted({v.reference_count for v in lines})
    found = {(v.slice, v.reference_count): v for v in lines}
    searched = {
        (i.slice, i.reference_count): i
        for i in figures.identification
        if i.scorer == figures.scorer
    }
    rows = []
    for name in dict.fromkeys(v.slice for v in lines):
        most = max(n for s, n in found if s == name)
        best = figures.best_trivial(found[name, most])
        search = searched.get((name, most))
        eers = [v for count in counts if (v := found.get((name, count)))]
        cells = {v.reference_count: _eer(figures, v) for v in eers}
        rows.append(
            Row.of(
                name,
                *(cells.get(count, MISSING) for count in counts),
                Cell(percent(best.eer), after=f"{best.name}, {refs(most)}") if best else MISSING,
                rate(search.rank_1, after=f"of N = {search.writer_count}") if search else MISSING,
                kind=_kind(figures, *eers),
            )
        )
    return FigureTable(
        "In short, %",
        "EER against skilled forgeries by number of references, with one threshold chosen "
        "afterwards, and its 95 % interval over writers; ▲ where a trivial baseline does as well. "
        "Rank 1 with the most references.",
        _columns("set", *map(refs, counts), "best trivial", "rank 1"),
        tuple(rows),
    )


def verification_table(figures: Figures, against: str) -> FigureTable:
    """The evaluated scorer's lines, with the best trivial baseline beside each."""
    rows = [
        Row.of(
            line.slice,
            line.reference_count,
            _eer(figures, line),
            _trivial(_rival(figures, line)),
            rate(line.fmr),
            rate(line.fnmr),
            *(rate(line.fnmr_at_fmr[fmr]) for fmr in FMRS),
            percent(line.eer_per_writer.value),
            f"{line.writer_count} / {line.mated} / {line.non_mated}",
            kind=_kind(figures, line),
        )
        for line in figures.of(figures.scorer, against)
    ]
    return FigureTable(
        f"Verification against {against} forgeries, %",
        "EER: one threshold, chosen afterwards on the test scores (for comparison with papers), "
        "with its 95 % interval over writers; ▲ where a trivial baseline does as well. FMR and "
        "FNMR: at the threshold fixed beforehand on validation writers. FNMR at FMR: – where there "
        "are too few comparisons to speak of the rate. EER per writer: a threshold for each, "
        "chosen afterwards.",
        (
            *_columns("set", "refs", "EER", "best trivial"),
            *_columns("FMR", "FNMR", terminal="bare"),
            *(
                Column(f"FNMR at FMR {100 * fmr:g} %", "absent" if fmr == FMRS[-1] else "bare")
                for fmr in FMRS
            ),
            Column("EER per writer", "absent"),
            _COUNTS,
        ),
        tuple(rows),
    )


def scorer_table(figures: Figures, against: str) -> FigureTable:
    """All scorers beside each other: EER by dataset, at the fewest and the most references."""
    lines = [v for v in figures.verification if v.against == against]
    slices = list(dict.fromkeys((v.slice, v.reference_count) for v in lines))
    found = {(v.scorer, v.slice, v.reference_count): v for v in lines}
    counts = sorted({v.reference_count for v in lines})
    shown = [(s, n) for s, n in slices if n in (counts[0], counts[-1])] if counts else []
    shown += [(s, n) for s, n in slices if (s, n) not in shown and _most(s, n, slices)]
    rows = []
    for scorer in dict.fromkeys(v.scorer for v in lines):
        cells = [found.get((scorer, s, n)) for s, n in shown]
        name = f"{scorer} (trivial)" if scorer in PROPERTIES else scorer
        rows.append(Row.of(name, *(percent(v.eer.value) if v else MISSING for v in cells)))
    return FigureTable(
        f"Everything on the same comparisons: EER against {against} forgeries, %",
        "One threshold, chosen afterwards for each scorer.",
        _columns("scorer", *(f"{s}, {refs(n)}" for s, n in shown)),
        tuple(rows),
    )


def beside_table(figures: Figures, against: str) -> FigureTable:
    """The same narrow enough for a terminal: a line a set, the trivial baselines as their best."""
    peers = [s for s in dict.fromkeys(v.scorer for v in figures.verification) if s not in TRIVIAL]
    found = {(v.scorer, v.slice, v.reference_count): v for v in figures.verification
             if v.against == against}  # fmt: skip
    rows = []
    for line in figures.of(figures.scorer, against):
        cells = [found.get((peer, line.slice, line.reference_count)) for peer in peers]
        rows.append(
            Row.of(
                line.slice,
                line.reference_count,
                *(percent(v.eer.value) if v else MISSING for v in cells),
                _trivial(figures.best_trivial(line)),
            )
        )
    return FigureTable(
        f"On the same comparisons: EER against {against} forgeries, %",
        "One threshold, chosen afterwards for each scorer.",
        _columns("set", "refs", *peers, "best trivial"),
        tuple(rows),
    )


def identification_table(lines: Iterable[IdentificationFigures]) -> FigureTable:
    rows = []
    for line in lines:
        found = {(at.strangers, at.fpir): _dir(at) for at in line.open_set}
        rows.append(
            Row.of(
                line.scorer, line.slice, line.reference_count, line.writer_count, line.mated,
                rate(line.rank_1), rate(line.rank_5),
                *(
                    found.get((who, fpir), MISSING)
                    for who in (UNRELATED, FORGERIES)
                    for fpir in FPIRS
                ),
            )
        )  # fmt: skip
    return FigureTable(
        "Identification, %",
        "N: enrolled writers. DIR: share of searches that name the right writer first and reach "
        "the threshold (FNIR = 100 − DIR), at the threshold, chosen afterwards, at which 1 % or "
        "10 % of the strangers' searches return anyone, half of what the five next writers reach "
        "taken off; strangers are signatures whose writer is "
        "not enrolled (N − 1) or skilled forgeries of enrolled writers, of how many. "
        "(too few): fewer strangers than the rate needs (three expected errors).",
        (
            Column("scorer", "absent"),
            *_columns("set", "refs", "N", "searches", "rank 1"),
            *_columns(
                "rank 5",
                "DIR at FPIR 1 %, unrelated",
                "at 10 %, unrelated",
                "DIR at FPIR 1 %, forgeries",
                "at 10 %, forgeries",
                terminal="bare",
            ),
        ),
        tuple(rows),
    )


def calibration_table(figures: Figures) -> FigureTable:
    rows = [
        Row.of(
            c.scorer, c.slice, c.reference_count, c.against,
            Cell(number(c.cllr.value), f"[{c.cllr.low:.2f}–{c.cllr.high:.2f}]"),
            number(c.cllr_min),
            number(c.cllr.value - c.cllr_min),
            f"{c.bounds[0]:.2f} to {c.bounds[1]:.2f}",
        )
        for c in figures.calibration
    ]  # fmt: skip
    return FigureTable(
        "Likelihood ratios",
        "Scores calibrated on validation writers (logistic, all sets together). Cllr: 0 is "
        "perfect, 1 is as good as no evidence; its excess over Cllr_min is what calibration costs. "
        "Bounds: log10 LR beyond which the validation scores support no claim.",
        _columns("scorer", "set", "refs", "against", "Cllr", "Cllr_min", "excess", "bounds"),
        tuple(rows),
    )


def slice_table(title: str, lines: Iterable[VerificationFigures]) -> FigureTable:
    rows = [
        Row.of(
            v.slice, v.against, v.reference_count, rate(v.eer), rate(v.fmr), rate(v.fnmr),
            f"{v.writer_count} / {v.mated} / {v.non_mated}",
        )
        for v in lines
    ]  # fmt: skip
    return FigureTable(
        title,
        "FMR and FNMR at the threshold fixed on validation writers.",
        (*_columns("", "against", "refs", "EER", "FMR", "FNMR"), _COUNTS),
        tuple(rows),
    )


def _columns(*heads: str, terminal: Literal["whole", "bare"] = "whole") -> tuple[Column, ...]:
    return tuple(Column(head, terminal) for head in heads)


def _rival(figures: Figures, line: VerificationFigures) -> Baseline | None:
    """The best trivial baseline beside a line that is not one itself."""
    return figures.best_trivial(line) if line.scorer not in TRIVIAL else None


def _beaten(figures: Figures, line: VerificationFigures) -> bool:
    best = _rival(figures, line)
    return best is None or best.beaten


def _kind(figures: Figures, *lines: VerificationFigures) -> Literal["plain", "mean", "not_beaten"]:
    if not all(_beaten(figures, line) for line in lines):
        return "not_beaten"
    return "mean" if any(line.sets > 1 for line in lines) else "plain"


def _eer(figures: Figures, line: VerificationFigures) -> Cell:
    return rate(line.eer, "" if _beaten(figures, line) else NOT_BEATEN)


def _trivial(best: Baseline | None) -> Cell:
    return Cell(percent(best.eer), after=best.name) if best else Cell(MISSING)


def _most(name: str, count: int, slices: Iterable[tuple[str, int]]) -> bool:
    """Whether `count` is the most references that the slice has (Cross-media stops at three)."""
    return count == max(n for s, n in slices if s == name)


def _dir(at: OpenSetRate) -> Cell:
    few = "" if at.supported else " (too few)"
    return rate(at.dir, after=f"of {at.non_mated}{few}")
