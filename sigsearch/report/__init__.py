"""Pages for people: self-contained HTML from one set of templates, with nothing loaded from
elsewhere."""
