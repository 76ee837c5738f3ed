"""The endpoints, a file for each thing that is asked for."""
