"""Training of the segmentation."""
