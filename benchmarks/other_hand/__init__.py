"""A second hand: dose records perturbed independently of `analysis.simulate`, to look for false and missed links.

    python -m benchmarks.other_hand --registry data/raw/2021-11-07/registry --out data/other [--people 150000]

Takes registry people, adds relatives and namesakes of its own, removes some people from the extract (the rest
of the family stays), and types one or two records a person with the mistakes that the ministry's dispatches
and provincial reports name: a relative's number, an old number the registry never learned, no number, another
middle name, another commune, a year for a birthday, misspelt names. Writes `out/platform/doses.csv`,
`out/registry/citizens.parquet` and, beside them, `out_truth/doses.parquet`: source_file, source_row,
citizen_id (null: the registry lacks the person), mistakes.

The shares are high on purpose: 2262/BYT-CNTT reports 26 % of records as "sai", here nearly half have a mistake.
Everybody is invented: `--registry` is a simulated extract.
"""

from .intake import write_intake

__all__ = ["write_intake"]
