"""Layouts: a design (which signature) and a hand (whose) make a plan of targets."""

from sigsearch.synthesis.layouts.design import Design, draw_design
from sigsearch.synthesis.layouts.dispatch import lay_out

__all__ = ["Design", "draw_design", "lay_out"]
