"""The AWS emulator as `make up` starts it: ministack, without the holes we would fall into.

Runs under the emulator's own environment (`.local/emulator`), so apart from ministack only the
standard library is at hand. What is patched here is private to ministack: its version is pinned
exactly, and `tests/e2e/test_emulator.py` fails if an upgrade takes the ground away.
"""
