"""Honest figures: protocols, metrics, baselines, reports."""
