"""Vowpal Wabbit, the learner: the only place that speaks to it."""

from personalizer.adapters.vw.engine import VwEngine

__all__ = ["VwEngine"]
