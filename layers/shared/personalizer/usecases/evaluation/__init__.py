"""Evaluations: jobs that read a loop's log, and what they find."""
