"""One way from labelled signatures to scores, for training, calibration and evaluation."""
