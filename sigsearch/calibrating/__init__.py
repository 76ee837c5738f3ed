"""Calibration from labelled signatures: for the shipped model, and on one's own scans."""

from sigsearch.calibrating.first import calibrate_encoder
from sigsearch.calibrating.fitting import fit_set
from sigsearch.calibrating.reading import read_embeddings, read_trials
from sigsearch.calibrating.refit import Change, Refit, first_fit, refit
from sigsearch.calibrating.trials import Trial, try_writers

__all__ = [
    "Change",
    "Refit",
    "Trial",
    "calibrate_encoder",
    "first_fit",
    "fit_set",
    "read_embeddings",
    "read_trials",
    "refit",
    "try_writers",
]
