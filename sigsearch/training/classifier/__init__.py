"""Training of the closed-set classifier, the baseline."""
