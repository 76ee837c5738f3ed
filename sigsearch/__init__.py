"""sigsearch: who signed this, and is it truly theirs?"""
