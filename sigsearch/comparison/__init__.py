"""Both approaches on the same writers and the same split: what each can do, and what it costs."""
