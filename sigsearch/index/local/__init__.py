"""The index in one folder: LMDB holds the truth."""
