"""Coverage: dose records, links and reports become counts by unit, day, age and basis."""

from analysis.coverage.stage import CoverageSummary, count_coverage

__all__ = ["CoverageSummary", "count_coverage"]
