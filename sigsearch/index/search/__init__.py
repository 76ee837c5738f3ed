"""The closest writers, from a cache of the truth that follows by generation."""
