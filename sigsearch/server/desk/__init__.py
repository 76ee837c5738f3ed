"""The desk: pages at which people decide about signatures, with the same templates' style as the
reports, and one small script."""
