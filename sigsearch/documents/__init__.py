"""Documents in, signatures out: pages, and the boxes on them in which somebody signed."""
