"""What the service itself keeps: tenants, keys, evidence, jobs, cases. One door, `State`."""
