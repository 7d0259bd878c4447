"""Offline evaluation: what other policies would have earned, from the log of the one served."""
