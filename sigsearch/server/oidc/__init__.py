"""People whom somebody else vouches for: OpenID Connect, for the API and for the desk."""
