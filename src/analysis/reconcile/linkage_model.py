"""The Fellegi–Sunter model: probabilities of every comparison level, and the thresholds.

Three hypotheses give a level its probability: the two descriptions are of one person (m), of two people
taken at random (u), or of two members of one household (kin). Kin is why a number, a commune and a family
name in common do not prove one person: fathers register sons, and twins share a birthday.

`linkage_model.json` is reviewed and versioned; how it was learned stands in its own "notes". The weekly
run only reads it. A match weight is log2(m / u), in bits; the prior and the shares of names and places are
counted anew from the registry of each run, so that the same model serves one province and the country.
"""

import json
import math
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any

from analysis.errors import CheckError
from analysis.reconcile.comparisons import BIRTH, DOSE, NAME, NUMBER, PLACE, SEX, Comparison

NAME_SAME = ("same_accented", "same_without_accents", "same_other_accents")
# u of these is "one citizen out of all": the weight grows with the registry. A relative's number is that
# of one citizen of the commune, and which of them is a relative is not known.
NUMBER_NAMES_ONE = dict.fromkeys(("same_citizen_number", "same_old_number"), " + log2(all_people)") | {
    "held_by_family": " - log2(coalesce(family_share, 1))",
    "held_by_neighbour": " - log2(coalesce(neighbour_share, 1))",
}
# Whether his dose of this number is found already says something of the citizen alone: not of a relative.
DOSE_TERM = f"""(CASE dose_level
    WHEN {DOSE.at("not_found_yet")} THEN coalesce(log2((1 - twice_share) / (1 - found_share)), 0)
    WHEN {DOSE.at("found_on_another_day")} THEN coalesce(least(log2(twice_share / found_share), 0), 0)
    ELSE 0 END)"""
MODEL_FILE = "linkage_model.json"


@dataclass(frozen=True)
class LinkageModel:
    """The model as read: `levels[field][level]` gives m, u and kin.

    `share_in_registry`: share of rows whose person the registry has. `household_size`: relatives a person
    could be confused with. `number_of_stranger`: share of rows that carry a stranger's number.
    From the match probability `sure_from` on a row is linked without a wider search, from `link_from` on
    after it; a row whose candidates together reach `review_from` goes to clerical review with those from
    `show_from` on.
    """

    levels: dict[str, dict[str, dict[str, float]]]
    share_in_registry: float
    household_size: float
    number_of_stranger: float
    sure_from: float
    link_from: float
    review_from: float
    show_from: float

    def weight(self, field: str, level: str, hypothesis: str = "m") -> float:
        """Return the weight of a level in bits; 0 where there is nothing to compare."""
        chances = self.levels[field].get(level)
        return math.log2(chances[hypothesis] / chances["u"]) if chances else 0.0

    @property
    def renamed_share(self) -> float:
        """Share of rows whose name agrees with the citizen's but for its middle, before the run is counted."""
        return self.levels[NAME.field]["same_family_and_given"]["m"]

    def weight_sql(self, hypothesis: str, share: str) -> str:
        """Return the SQL of log2 of (prior × likelihood) that row and citizen are one person ("m").

        "kin": the same for a relative of the citizen whom the registry lacks. `share` is the SQL of the share of
        rows whose person the registry has.
        """
        return " + ".join(self.part_sql(hypothesis, share).values())

    def part_sql(self, hypothesis: str, share: str) -> dict[str, str]:
        """Return the terms of `weight_sql` by field; `prior` is the first."""
        people = share if hypothesis == "m" else f"{self.household_size}::DOUBLE"
        same_u = sum(self.levels[NAME.field][level]["u"] for level in NAME_SAME)
        same = f" + {math.log2(same_u):.4f} - log2(name_share)"
        u = self.levels[NAME.field]["same_family_and_given"]["u"]
        family_and_given = f" + {math.log2(u):.4f} - log2(family_given_share)"
        renamed = f" + log2(coalesce(renamed_share, {self.renamed_share}) / {self.renamed_share})"
        of_person = hypothesis == "m"
        names = dict.fromkeys(NAME_SAME, same) | {
            "same_family_and_given": family_and_given + (renamed if of_person else "")
        }
        places = [level for level, _ in PLACE.levels if level.startswith("same_")]
        return {
            # As exact as every weight here.
            "prior": f"round(log2({people}), 4) - log2(all_people)",
            BIRTH.field: self._case(BIRTH, hypothesis, {}),
            SEX.field: self._case(SEX, hypothesis, {}),
            # Agreement on a rare name or a small place weighs more: u is its share of the people there.
            NAME.field: self._case(NAME, hypothesis, names),
            PLACE.field: self._case(
                PLACE, hypothesis, dict.fromkeys(places, " - log2(coalesce(unit_share, 1))")
            ),
            NUMBER.field: self._case(NUMBER, hypothesis, NUMBER_NAMES_ONE),
            "birth_year": "coalesce(log2(birth_year_ratio), 0)" if of_person else "0",
            DOSE.field: DOSE_TERM if of_person else "0",
            "phone": (
                f"(CASE WHEN phone_level = 1 THEN {self.weight('phone', 'same', hypothesis):.4f} ELSE 0 END)"
            ),
            # Of one citizen alone, as a number that the registry knows.
            "shown_number": (
                f"(CASE WHEN shown_number_level = 1 THEN {self.weight('shown_number', 'same', hypothesis):.4f}"
                " + log2(all_people) ELSE 0 END)"
            ),
        }

    def _case(self, comparison: Comparison, hypothesis: str, added: dict[str, str]) -> str:
        """Return a CASE over a level column; `added` is an SQL term beside the weight of some levels."""
        cases = [
            f"WHEN {position} THEN {self.weight(comparison.field, level, hypothesis):.4f}"
            f"{added.get(level, '')}"
            for position, (level, _) in enumerate(comparison.levels)
        ]
        return f"(CASE {comparison.column} {' '.join(cases)} END)"


def parse_model(text: str) -> LinkageModel:
    """Read a model from JSON text; raises CheckError where it is beyond its bounds (sources fault-37)."""
    raw: dict[str, Any] = json.loads(text)
    limits = {f.name: float(raw[f.name]) for f in fields(LinkageModel) if f.name != "levels"}
    model = LinkageModel(raw["comparisons"], **limits)
    if broken := broken_bound(model):
        raise CheckError(f"{MODEL_FILE}: {broken}; restore the reviewed model")
    return model


def broken_bound(model: LinkageModel) -> str:
    """Return what a degenerated model breaks first, or an empty text.

    Every m lies strictly between 0 and 1, every u above 0 (1: counted anew from each registry); agreement on the
    first level of a field speaks for one person; the thresholds stand in their order. Levels that need something
    known beside are no partition: their sum says nothing.
    """
    for name, levels in model.levels.items():
        if not all(0 < chances["m"] < 1 and 0 < chances["u"] <= 1 for chances in levels.values()):
            return f"a probability of '{name}' is none"
        first = next(iter(levels.values()), None)
        if first and first["u"] < 1 and first["m"] <= first["u"]:
            return f"agreement on '{name}' speaks against one person (m is not above u)"
    thresholds = (0.0, model.show_from, model.review_from, model.link_from, 1.0)
    if (
        not all(low < high for low, high in pairwise(thresholds))
        or not model.link_from <= model.sure_from <= 1
    ):
        return "the thresholds are out of their order"
    if (
        not 0 < model.share_in_registry < 1
        or not 0 < model.number_of_stranger < 1
        or model.household_size <= 0
    ):
        return "a share is no share"
    return ""


@cache
def read_model() -> LinkageModel:
    """Read the model shipped with the package."""
    return parse_model(resources.files(__package__).joinpath(MODEL_FILE).read_text(encoding="utf-8"))
