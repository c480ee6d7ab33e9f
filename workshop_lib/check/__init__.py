"""Checks that a notebook runs on itself: built code against the package, answers to exercises."""

from workshop_lib.check.compare import same_function, same_module
from workshop_lib.check.exercise import check, solved

__all__ = ["check", "same_function", "same_module", "solved"]
