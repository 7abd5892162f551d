"""Write one intake of the other hand (see the package)."""

import argparse
from pathlib import Path

from .intake import write_intake
from .mistakes import borrowed


def main() -> None:
    """Write one intake."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--registry", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--people", type=int, default=150_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--borrowed",
        type=float,
        metavar="SHARE",
        help="add rows that borrow a name or a birth date from a relative; SHARE: of those with the relative's number as well",
    )
    options = parser.parse_args()
    further = () if options.borrowed is None else borrowed(options.borrowed)
    records = write_intake(options.registry, options.out, options.people, options.seed, further)
    print(f"{records:,} records")


if __name__ == "__main__":
    main()
