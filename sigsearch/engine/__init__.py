"""Where imaging, encoder, matching and index meet: the four verbs and what they answer."""
