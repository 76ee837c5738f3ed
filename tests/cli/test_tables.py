"""Tables are readable at 80 columns, and narrower."""

from __future__ import annotations

import pytest

from sigsearch.cli.output import table

COLUMNS = ("rank", "writer", "score", "threshold", "log10 LR", "references", "verification")


def shown(capsys, rows, columns=COLUMNS, title: str = "") -> list[str]:
    table(columns, rows, title)
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize(
    "name", ["anna", "Maria da Conceição Albuquerque de Souza e Silva", "李" * 40]
)
def test_no_line_is_wider_than_the_terminal_and_no_number_is_broken(
    width: int, name: str, capsys, monkeypatch
) -> None:
    from rich.cells import cell_len

    monkeypatch.setenv("COLUMNS", str(width))
    rows = [
        (1, name, 1.471, -1.177, "+3.5", 4, "inconclusive"),
        (2, "bo", -12.5, 0.25, "-2", 4, ""),
    ]
    lines = shown(capsys, rows)
    assert max(cell_len(line) for line in lines) <= width
    text = " ".join(lines)
    for value in ("1.471", "-1.177", "-12.5", "inconclusive", *COLUMNS):
        assert value in text
    letters = "".join(text.split())
    assert all(letter in letters for letter in name if letter != " ")


def test_where_columns_do_not_fit_each_row_is_a_block(capsys, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    lines = [
        line.rstrip() for line in shown(capsys, [(1, "anna", 1.5, 2, 3, 4, "match")], title="T")
    ]
    assert lines[0] == "T"
    assert "writer        anna" in lines
    assert "verification  match" in lines


def test_a_table_of_nothing_has_its_head(capsys, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert "writer" in " ".join(shown(capsys, [], ("writer", "references")))


def test_markup_and_line_breaks_in_names_are_told(capsys, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    text = "\n".join(shown(capsys, [("[bold]\nx", 1)], ("writer", "references")))
    assert "[bold]\\nx" in text
