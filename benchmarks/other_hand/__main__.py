"""Write one intake of the other hand (see the package)."""

import argparse
from pathlib import Path

from .intake import write_intake


def main() -> None:
    """Write one intake."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--registry", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--people", type=int, default=150_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print(f"{write_intake(options.registry, options.out, options.people, options.seed):,} records")


if __name__ == "__main__":
    main()
