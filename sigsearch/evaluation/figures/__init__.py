"""Figures derived from raw scores."""

from sigsearch.evaluation.figures.estimate import Estimate
from sigsearch.evaluation.figures.report_card import Figures, derive

__all__ = ["Estimate", "Figures", "derive"]
