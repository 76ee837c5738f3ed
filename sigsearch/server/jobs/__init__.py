"""What the service does on its own: jobs, and throwing away what is past its time."""
