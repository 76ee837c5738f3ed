"""Calibration from labelled signatures: for the shipped model, and on one's own scans."""

from sigsearch.calibration.first import calibrate_encoder
from sigsearch.calibration.fit import fit_set
from sigsearch.calibration.refit import RateChange, Refit, first_fit, refit
from sigsearch.calibration.trials import read_trials, try_writers

__all__ = [
    "RateChange",
    "Refit",
    "calibrate_encoder",
    "first_fit",
    "fit_set",
    "read_trials",
    "refit",
    "try_writers",
]
