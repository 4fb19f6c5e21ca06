"""Corps with keys: the same key, seed and calls in order give the same bytes."""
