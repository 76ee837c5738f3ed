"""The service: the engine over HTTP, for many tenants, and the desk at which people decide."""
