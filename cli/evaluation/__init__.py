"""`python -m cli evaluate`: what other policies would have earned, from a loop's log or a file."""
