"""The figures as a table, as JSON and as one self-contained page."""
