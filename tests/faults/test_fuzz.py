"""A few seconds of what `python tests/faults/fuzzing.py MINUTES` does; BAOPHU_FUZZ_MINUTES makes it longer."""

import os

from faults.fuzzing import fuzz

SECONDS, SEED = 6.0, 20211107


def test_any_bytes_give_a_table_or_a_refusal() -> None:
    minutes = float(os.environ.get("BAOPHU_FUZZ_MINUTES", "0"))
    outcomes = fuzz(minutes * 60 or SECONDS, SEED)
    assert sum(outcomes.values()) > 20
    assert outcomes["settings refused"] and len(outcomes) > 4
