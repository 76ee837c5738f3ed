from __future__ import annotations

from html_checks import HOSTILE, Outline

from sigsearch.report.svg import Axis, Line, Mark, levels, plot, round_ticks


def test_a_plot_keeps_its_lines_inside() -> None:
    x = Axis("x", 0.001, 1.0, (0.001, 1.0), log=True)
    text = plot("t", x, x, [Line("a <b>", [(0.0, 0.0), (5.0, 5.0)])])
    assert "a &lt;b&gt;" in text
    assert 'points="52.0,256.0 360.0,26.0"' in text


def test_names_in_a_plot_are_text() -> None:
    def drawn(name: str) -> str:
        axis = Axis(name, 0.0, 1.0, (0.0, 1.0))
        return plot(name, axis, axis, [Line(name, [(0.0, 1.0)])], marks=[Mark(name, 0.5)])

    assert Outline(drawn(HOSTILE)).tags == Outline(drawn("anna")).tags
    assert HOSTILE not in drawn(HOSTILE)


def test_a_filled_line_stands_on_the_floor() -> None:
    axis = Axis("", 0.0, 1.0)
    text = plot("", axis, axis, [Line("", [(0.0, 1.0), (1.0, 1.0)], filled=True)])
    assert 'points="52.0,256.0 52.0,26.0 360.0,26.0 360.0,256.0"' in text


def test_marks_that_lie_close_are_labelled_on_levels_of_their_own() -> None:
    axis = Axis("", 0.0, 1.0)
    text = plot("", axis, axis, [], marks=[Mark("a", 0.5, strong=True), Mark("b", 0.5)])
    assert 'y="12" text-anchor="start">a<' in text
    assert 'y="26" text-anchor="start">b<' in text


def test_no_line_runs_through_another_mark_s_label():
    share = {"a": 0.75, "b": 0.8, "c": 0.3, "d": 0.5}
    marks = [Mark(name, at) for name, at in share.items()]
    level = {marks[n].name: at for n, at in levels(marks, float)}
    assert level["b"] < level["a"]  # labels to the left: the line further left begins lower
    assert level["c"] < level["d"]  # labels to the right: the line further right begins lower


def test_round_ticks_are_few_and_round() -> None:
    assert round_ticks(-15.7, 19.2) == (-15, -10, -5, 0, 5, 10, 15)
    assert round_ticks(0.01, 0.05) == (0.01, 0.02, 0.03, 0.04, 0.05)
    for high in (0.3, 1, 7, 42, 1e6):
        assert 3 <= len(round_ticks(-high, high)) <= 10
