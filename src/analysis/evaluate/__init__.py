"""Scoring a run against the truth that the simulator writes beside an intake."""

from analysis.evaluate.links.report import evaluate_run

__all__ = ["evaluate_run"]
