"""Fill the blocks of figures in the user's pages from the model card, so that none is typed.

    python scripts/write_figures.py            # fill them
    python scripts/write_figures.py --check    # fail where a page and the card differ

A block stands between `<!-- figures: NAME -->` and `<!-- end -->`; BLOCKS has the names.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from sigsearch.datasets.titles import TITLES, title_of
from sigsearch.encoder import shipped_folder
from sigsearch.encoder.card import ModelCard
from sigsearch.evaluation.model_card import NAMED, UNSEEN
from sigsearch.evaluation.stated_rates.measuring import ALL_SETS

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"(<!-- figures: (\w+) -->\n).*?(<!-- end -->)", re.S)
ANSWERS = ("accepted", "review", "rejected")
KINDS = {"genuine": "genuine", "skilled": "imitations", "stranger": "strangers"}
VERDICT_COLUMNS = [(asked, kind) for asked in ("verify", "query") for kind in KINDS]

COUNTS = (1, 3, 8)  # references

Row = dict[str, Any]


def pages(root: Path) -> list[Path]:
    return [root / "README.md", *sorted((root / "docs").glob("*.md"))]


def filled(text: str, card: ModelCard) -> str:
    """A page with its blocks written again from the card."""
    return BLOCK.sub(lambda found: found[1] + BLOCKS[found[2]](card) + found[3], text)


def verification(card: ModelCard, against: str) -> str:
    """EER by set and number of references, first of sets that the network never saw."""
    lines = []
    for heading, figures in _parts(card):
        lines += [[f"**{heading}**", *("" for _ in COUNTS)], *_eers(figures, against)]
    return stamp(card) + table(["set", *references(COUNTS)], lines)


def _parts(card: ModelCard) -> Iterator[tuple[str, dict[str, Any]]]:
    """The figures of both kinds of sets, with what they are; of another encoder none."""
    unseen = card.figures.get(UNSEEN)
    if unseen and unseen["encoder"] == card.figures["encoder"]:
        yield "sets never seen", unseen
    yield "training sets, other writers", card.figures


def _eers(figures: dict[str, Any], against: str) -> list[list[str]]:
    rows = [row for row in figures["verification"] if row["against"] == against]
    lines = []
    for name in sets(rows):
        of_set = by_references(rows, name)
        lines.append([_title(name, figures), *(eer(of_set.get(count)) for count in COUNTS)])
    return [*lines, ["mean", *(eer(mean_row(rows, count)) for count in COUNTS)]]


def identification(card: ModelCard) -> str:
    """Rank 1, and how many are named at FPIR 1 %, by set and number of references."""
    lines = []
    for heading, figures in _parts(card):
        rows = figures["identification"]
        lines.append([f"**{heading}**", *("" for _ in range(1 + 2 * len(COUNTS)))])
        for name in sets(rows):
            of_set = by_references(rows, name)
            found = [of_set.get(count, {}) for count in COUNTS]
            writers = max(row["writer_count"] for row in of_set.values())
            rates = [row.get(key) for key in ("rank_1", NAMED) for row in found]
            shown = (percent(rate["value"]) if rate else "" for rate in rates)
            lines.append([_title(name, figures), str(writers), *shown])
    columns = [f"{what}: {c}" for what in ("first", "named") for c in references(COUNTS)]
    return stamp(card) + table(["set", "writers", *columns], lines)


def _title(name: str, figures: dict[str, Any]) -> str:
    """With a mark where the segmentation has learned from the set."""
    return title_of(name) + (" †" if name in figures.get("segmentation_saw", ()) else "")


def limits(card: ModelCard) -> str:
    """What the card says of its own limits."""
    return "".join(f"* {limit}\n" for limit in card.limits)


def verdicts(card: ModelCard) -> str:
    """Accepted, sent to review and rejected, in per cent, by set and number of references."""
    found = card.figures.get("verdicts")
    if not found:
        return "*Not measured.*\n"
    cells: dict[tuple[str, int], dict[tuple[str, str], str]] = {}
    for row in found["rows"]:
        if row["references"] not in COUNTS:
            continue
        shares = (percent_of(row[name], row["asked"]) for name in ANSWERS)
        line = cells.setdefault((row["set"], row["references"]), {})
        line[row["question"], row["kind"]] = " / ".join(shares).replace(" ", "")
    lines = [
        [title_of(name), str(count), *(line.get(column, "") for column in VERDICT_COLUMNS)]
        for (name, count), line in cells.items()
    ]
    heads = ["set", "references", *(f"{asked}: {KINDS[kind]}" for asked, kind in VERDICT_COLUMNS)]
    about = f"*Encoder `{found['encoder']}`, protocol `{found['protocol']}`, "
    return f"{about}{found['each']} signatures of each kind.*\n\n" + table(heads, lines)


def strengths(card: ModelCard) -> str:
    """Genuine signatures and imitations of all sets that match, in per cent, by strength."""
    found = card.figures.get("verdicts")
    if not found:
        return "*Not measured.*\n"
    steps = list(dict.fromkeys(row["strength"] for row in found["strengths"]))
    cells: dict[tuple[str, int], dict[float, str]] = {}
    for row in found["strengths"]:
        told = f"{percent(row['genuine_match'])}/{percent(row['skilled_match'])}"
        cells.setdefault((row["set"], row["references"]), {})[row["strength"]] = told
    lines = [
        [title_of(name), str(count), *(line[step] for step in steps)]
        for (name, count), line in cells.items()
        if name == ALL_SETS and count in COUNTS
    ]
    return table(["set", "references", *(f"strength {step:g}" for step in steps)], lines)


def percent_of(count: int, asked: int) -> str:
    return f"{100 * count / asked:.0f}"


BLOCKS: dict[str, Callable[[ModelCard], str]] = {
    "skilled": lambda card: verification(card, "skilled"),
    "random": lambda card: verification(card, "random"),
    "identification": identification,
    "limits": limits,
    "verdicts": verdicts,
    "strengths": strengths,
}


def stamp(card: ModelCard) -> str:
    figures = card.figures
    return f"*Encoder `{figures['encoder']}`, protocol `{figures['protocol']}`.*\n\n"


def sets(rows: Iterable[Row]) -> list[str]:
    """The sets in the order of TITLES, then any others; not the means over them."""
    names = dict.fromkeys(row["set"] for row in rows if not row["set"].startswith("mean of"))
    return [*filter(names.__contains__, TITLES), *(name for name in names if name not in TITLES)]


def by_references(rows: Iterable[Row], name: str) -> dict[int, Row]:
    return {row["reference_count"]: row for row in rows if row["set"] == name}


def mean_row(rows: Iterable[Row], references: int) -> Row | None:
    means = (
        r for r in rows if r["set"].startswith("mean of") and r["reference_count"] == references
    )
    return next(means, None)


def eer(row: Row | None) -> str:
    """With a mark where a baseline that does not look at the shape does as well."""
    if row is None:
        return ""
    return interval(row["eer"]) + ("" if row["best_trivial"]["beaten"] else " ▲")


def references(counts: Iterable[int]) -> list[str]:
    return [f"{count} reference{'s' * (count > 1)}" for count in counts]


def interval(rate: dict[str, float]) -> str:
    """`4.8 [2.3, 7.3]`, in per cent."""
    return f"{percent(rate['value'])} [{percent(rate['low'])}, {percent(rate['high'])}]"


def percent(rate: float) -> str:
    return f"{100 * rate:.1f}"


def table(heads: list[str], lines: list[list[str]]) -> str:
    rule = ["---", *("--:" for _ in heads[1:])]
    return "".join(f"|{'|'.join(line)}|\n" for line in (heads, rule, *lines))


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="write nothing")
    given = parser.parse_args()
    card = ModelCard.load(shipped_folder())
    stale = []
    for page in pages(ROOT):
        text = page.read_text(encoding="utf-8")
        new = filled(text, card)
        if new != text:
            stale.append(page)
            if not given.check:
                page.write_text(new, encoding="utf-8")
    for page in stale:
        print(f"{page}: {'differs from the model card' if given.check else 'written'}")
    return int(given.check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
