"""What others use, on the same pairs. A peer is one file of some forty lines."""
