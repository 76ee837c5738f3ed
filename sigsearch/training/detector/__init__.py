"""The detector of signatures on pages: its data, network, training and measurement."""
