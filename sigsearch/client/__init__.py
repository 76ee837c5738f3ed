"""A service asked from Python as an index is: the same verbs, results and errors."""
