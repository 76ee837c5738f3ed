"""One self-contained HTML page: no script, nothing fetched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from sigsearch.evaluation.figures import Figures
from sigsearch.evaluation.report import plots, tables
from sigsearch.evaluation.report.style import STYLE
from sigsearch.evaluation.report.tables import TextTable
from sigsearch.evaluation.report.text import NOT_BEATEN
from sigsearch.evaluation.report.worst import WorstPair, picture, worst_pairs
from sigsearch.evaluation.session import Run


def page(figures: Figures, about: Mapping[str, Any], run: Run | None = None) -> str:
    """The report as HTML. `run`, where there is one, gives the pictures and the datasets."""
    title = f"Evaluation of {figures.scorer}"
    parts = [
        f"<h1>{escape(title)}</h1>",
        _facts(about),
        _section("In short", _table(tables.headline_table(figures))),
        _section("Skilled forgeries", _table(tables.verification_table(figures, "skilled")),
                 _figures(plots.det_plots(figures, "skilled"))),
        _section("Random forgeries", _table(tables.verification_table(figures, "random")),
                 _figures(plots.det_plots(figures, "random"))),
        _section("Baselines and peers", _table(tables.scorer_table(figures, "skilled")),
                 _table(tables.scorer_table(figures, "random"))),
        _section("Searching", _table(tables.identification_table(figures.identification)),
                 _figures(plots.cmc_plots(figures))),
        _section("Evidence", _table(tables.calibration_table(figures)), "<h3>Tippett plots</h3>",
                 _figures(plots.tippett_plots(figures)), "<h3>Reliability</h3>",
                 _figures(plots.reliability_plots(figures))),
        _section("By script and by group",
                 _table(tables.slice_table("By script, %", figures.by_script)),
                 _table(tables.slice_table("By group, %", figures.by_group))),
    ]  # fmt: skip
    if run is not None:
        parts += [_worst(run), _data(run)]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><main>"
        f"{''.join(parts)}</main></body></html>\n"
    )


def _section(title: str, *content: str) -> str:
    body = "".join(content)
    return f"<section><h2>{escape(title)}</h2>{body}</section>" if body.strip() else ""


def _facts(about: Mapping[str, Any]) -> str:
    rows = "".join(
        f"<dt>{escape(str(name))}</dt><dd>{escape(_plain(value))}</dd>"
        for name, value in about.items()
    )
    return f"<dl>{rows}</dl>"


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {item}" for name, item in value.items())
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _table(table: TextTable) -> str:
    if not table.rows:
        return ""
    head = "".join(f"<th>{escape(name)}</th>" for name in table.heads)
    body = "".join(
        f"<tr{_row_class(row)}>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>"
        for row in table.rows
    )
    return (
        f"<h3>{escape(table.title)}</h3><p>{escape(table.note)}</p>"
        f'<div class="wide"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _row_class(row: tuple[str, ...]) -> str:
    if any(cell.endswith(NOT_BEATEN) for cell in row):
        return ' class="weak"'
    return ' class="mean"' if row[0].startswith("mean of") else ""


def _figures(drawn: Iterable[str]) -> str:
    items = "".join(f"<figure>{one}</figure>" for one in drawn)
    return f'<div class="plots">{items}</div>' if items else ""


def _worst(run: Run) -> str:
    by_set: dict[tuple[str, str], list[WorstPair]] = {}
    for pair in worst_pairs(run):
        by_set.setdefault((pair.dataset, pair.kind), []).append(pair)
    parts = []
    for (dataset, kind), pairs in by_set.items():
        what = "most convincing forgeries" if kind == "skilled" else "most doubted genuine"
        cards = "".join(_card(pair) for pair in pairs)
        parts.append(f'<h3>{escape(dataset)}: {what}</h3><div class="pairs">{cards}</div>')
    note = "<p>Left: questioned; right: the first of the references it was compared with.</p>"
    return _section("The worst comparisons", note, *parts) if parts else ""


def _card(pair: WorstPair) -> str:
    caption = (
        f"{pair.questioned.id} as {pair.writer}: score {pair.score:.3g} "
        f"with {pair.references} references"
    )
    return (
        f'<figure><img alt="questioned" src="{picture(pair.questioned)}">'
        f'<img alt="reference" src="{picture(pair.reference)}">'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )


def _data(run: Run) -> str:
    rows = []
    for role, dataset in run.used:
        told = dataset.summary()
        rows.append(
            (
                told.name, role, str(told.writers), str(told.genuine), str(told.forgeries),
                ", ".join(f"{n} {why}" for why, n in told.left_out.items()) or "nothing",
            )
        )  # fmt: skip
    heads = ("set", "role", "writers", "genuine", "forgeries", "left out")
    table = TextTable("What took part", "", heads, tuple(rows))
    notes = "".join(f"<li>{escape(note)}</li>" for note in run.notes)
    return _section(
        "Data", _table(table), f"<h3>What is missing</h3><ul>{notes}</ul>" if notes else ""
    )
