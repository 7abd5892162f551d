"""Stage 1: raw exports to clean dose records, every row accounted for."""

from analysis.clean.stage import CleanSummary, clean_intake

__all__ = ["CleanSummary", "clean_intake"]
