"""Trained networks on disk, below all rooms that run one."""
