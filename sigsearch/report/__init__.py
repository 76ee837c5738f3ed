"""Pages for people: self-contained HTML, nothing loaded from elsewhere."""
