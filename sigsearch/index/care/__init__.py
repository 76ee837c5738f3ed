"""Looking after an index: checking, mending, erasing with proof, moving in and out."""
