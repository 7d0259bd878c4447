"""Evaluations as clients ask for them, and as they are told what came of them."""
