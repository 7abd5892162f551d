"""Random draws that depend on who is drawn for, never on the order or the number of draws.

Every draw is a hash of (seed, purpose, entity number), so a person's name or a dose's entry delay is the
same whatever the as-of date, and a later simulation holds the same country, weeks on.
The mixer is SplitMix64 (Steele, Lea and Flood 2014).
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

if TYPE_CHECKING:
    import pandas as pd

Ids = NDArray[np.uint64]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Texts = NDArray[np.object_]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


def mix(values: Ids) -> Ids:
    """Scramble 64-bit numbers so that neighbours become unrelated."""
    with np.errstate(over="ignore"):
        z = values + _GOLDEN
        z = (z ^ (z >> np.uint64(30))) * _FIRST
        z = (z ^ (z >> np.uint64(27))) * _SECOND
        return z ^ (z >> np.uint64(31))


@cache
def _salt(seed: int, purpose: str) -> np.uint64:
    digest = hashlib.blake2b(f"{seed}|{purpose}".encode(), digest_size=8).digest()
    return np.uint64(int.from_bytes(digest, "little"))


@dataclass(frozen=True)
class Draws:
    """The draws of one simulated country; `seed` is the only state."""

    seed: int

    def bits(self, purpose: str, ids: Ids) -> Ids:
        """Return 64 random bits for every entity."""
        return mix(mix(ids) ^ _salt(self.seed, purpose))

    def uniform(self, purpose: str, ids: Ids) -> Floats:
        """Return a number in [0, 1) for every entity."""
        return (self.bits(purpose, ids) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def normal(self, purpose: str, ids: Ids) -> Floats:
        """Return a standard normal number for every entity."""
        return np.asarray(ndtri(self.uniform(purpose, ids) * (1 - 2e-12) + 1e-12), dtype=np.float64)

    def chance(self, purpose: str, ids: Ids, probability: Floats | float) -> Bools:
        """Return whether an event of that probability happened to every entity."""
        return self.uniform(purpose, ids) < probability

    def below(self, purpose: str, ids: Ids, limit: Ints | int) -> Ints:
        """Return a whole number in [0, limit) for every entity."""
        drawn = (self.uniform(purpose, ids) * limit).astype(np.int64)
        return np.asarray(np.minimum(drawn, np.asarray(limit) - 1), dtype=np.int64)

    def choice(self, purpose: str, ids: Ids, weights: Floats) -> Ints:
        """Return an index into `weights` for every entity, as often as its weight says."""
        edges = np.cumsum(weights) / np.sum(weights)
        drawn = np.searchsorted(edges, self.uniform(purpose, ids), side="right")
        return np.minimum(drawn, len(weights) - 1).astype(np.int64)


def number_ids(*parts: Ints | int) -> Ids:
    """Fold several whole numbers into one entity number (hashed, so that the parts do not collide by sum)."""
    folded = np.zeros(np.broadcast_shapes(*(np.shape(p) for p in parts)), dtype=np.uint64)
    for part in parts:
        folded = mix(folded ^ np.asarray(part).astype(np.uint64))
    return folded


def code_ids(codes: "pd.Series[str]") -> Ids:
    """Return unit codes as entity numbers."""
    return np.array([int(code) for code in codes], dtype=np.uint64)


def apportion(weights: Floats, total: int, groups: Ints | None = None, totals: Ints | None = None) -> Ints:
    """Share whole totals by weight, largest remainder first, so that the parts add up exactly.

    Without `groups` all weights share `total`; with them, the weights of group g share `totals[g]`.
    """
    if groups is None or totals is None:
        groups, totals = np.zeros(len(weights), dtype=np.int64), np.array([total])
    sums = np.bincount(groups, weights=weights, minlength=len(totals))
    quota = weights * (totals / np.where(sums > 0, sums, 1.0))[groups]
    whole = np.floor(quota + 1e-9).astype(np.int64)
    missing = totals - np.bincount(groups, weights=whole, minlength=len(totals)).astype(np.int64)
    order = np.lexsort((np.arange(len(quota)), -(quota - whole), groups))
    starts = np.searchsorted(groups[order], np.arange(len(totals)))
    rank = np.arange(len(quota)) - starts[groups[order]]
    whole[order] += (rank < missing[groups[order]]) & (sums[groups[order]] > 0)
    return whole
