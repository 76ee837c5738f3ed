"""Training of the Siamese encoder."""
