"""Why an answer is less than firm: what was seen of an image, in words for programs and people, and
which firm decisions it forbids."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sigsearch.matching.decision import Decision
from sigsearch.schema import Jsonable

_BOTH: tuple[Decision, ...] = ("match", "non_match")
_REFUSAL: tuple[Decision, ...] = ("non_match",)


@dataclass(frozen=True, slots=True)
class Reason(Jsonable):
    """code: stable, for programs; text: for people; caps: the decisions that become `inconclusive`
    while it holds."""

    code: str
    text: str
    caps: tuple[Decision, ...] = ()


KNOWN = {
    reason.code: reason
    for reason in (
        Reason("low_resolution", "the strokes are so thin or small that detail is lost"),
        Reason("touches_edge", "the ink reaches the edge of the image and may be cut off"),
        Reason("simple", "there is so little ink that it says little of a hand", _REFUSAL),
        Reason("printed", "print, lines, a box or a stamp were taken out around the signature"),
        Reason("several_pages", "the file has more pages than the one that was read"),
        Reason("too_small", "it is too small in the image to be told apart", _REFUSAL),
        Reason("few_strokes", "a mark of a few strokes that anyone could make", _BOTH),
        Reason("overprinted", "print or a stamp lay across it; strokes may be lost", _REFUSAL),
        Reason("surroundings", "the image shows more than a sheet, as photographs do", _REFUSAL),
        Reason("screened", "the image is made of dots, as by dithering", _REFUSAL),
        Reason("doubtful_box", "it is not sure that this part of the page is a signature", _BOTH),
        Reason("cut_through", "the box cuts through strokes that go on outside of it", _REFUSAL),
        Reason("perhaps_several", "something else on the document may be a signature too"),
        Reason("several_signatures", "the surest of several on the document", _BOTH),
        Reason("struck_through", "a line runs through it that the references lack", _BOTH),
        Reason("marks_beside", "it fits the references better without what is beside it", _REFUSAL),
        Reason("taken_for_print", "it fits better with ink that was taken for print", _REFUSAL),
        Reason("broken", "the strokes are broken into many pieces", _REFUSAL),
        Reason("tilted", "it fits the references better when it is turned a little", _REFUSAL),
        Reason("upside_down", "it fits the references better upside down", _REFUSAL),
        Reason("quarter_turn", "it fits the references better turned on its side", _REFUSAL),
        Reason("mirrored", "it fits the references better mirrored", _REFUSAL),
        Reason("own_calibration", "weighed by the index's own calibration, not the shipped one"),
    )
}  # fmt: skip


def reasons_for(codes: Iterable[str]) -> tuple[Reason, ...]:
    """What is known of each code; of one that is not known, that it was given and caps nothing."""
    return tuple(KNOWN.get(code) or Reason(code, code.replace("_", " ")) for code in codes)


def capped(decision: Decision, reasons: Iterable[Reason]) -> tuple[Decision, tuple[str, ...]]:
    """The decision that the reasons leave of `decision`, and the codes of those that forbid it."""
    forbidding = tuple(reason.code for reason in reasons if decision in reason.caps)
    return ("inconclusive" if forbidding else decision), forbidding
