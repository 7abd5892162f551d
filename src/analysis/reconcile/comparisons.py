"""How two descriptions of a person compare, field by field: the comparison levels.

Each comparison is an SQL expression over a row `s` (open_people) and a citizen `p` (people) that gives the
position of the first level that holds; level 0 is always "nothing to compare". The same levels serve the
rules, the model and the explanations.
"""

from dataclasses import dataclass

from analysis.reconcile.duplicates import DAYS_APART


@dataclass(frozen=True)
class Comparison:
    """One field's levels in order: (name, SQL condition); the last condition is `true`."""

    field: str
    levels: tuple[tuple[str, str], ...]

    def sql(self) -> str:
        """Return the CASE expression that gives the level's position."""
        cases = " ".join(f"WHEN {when} THEN {i}" for i, (_, when) in enumerate(self.levels))
        return f"(CASE {cases} END)::TINYINT"

    def at(self, level: str) -> int:
        """Return the position of a level."""
        return [name for name, _ in self.levels].index(level)

    @property
    def column(self) -> str:
        """Return the name of the level's column."""
        return f"{self.field}_level"


SAME_FAMILY = "s.family_name = p.family_name"
SAME_GIVEN = "s.given_name = p.given_name"
# Counted once a pair, before the levels (each WHEN counts anew), and not where the lengths already say "different".
EDITS = (
    "CASE WHEN s.compact_name = p.compact_name THEN 0 "
    "WHEN abs(length(s.compact_name) - length(p.compact_name)) > 2 THEN 9 "
    "ELSE levenshtein(s.compact_name, p.compact_name) END"
)
NEAR = "edits <= CASE WHEN length(p.compact_name) >= 10 THEN 2 ELSE 1 END"
# Dear expressions stand behind cheap ones that must hold too: the engine then tries them on few pairs.
LETTERS = "list_sort(split({}.compact_name, ''))"
SLIP = (
    "CASE WHEN s.has_odd_syllable OR edits = 0 "
    f"THEN CASE WHEN {NEAR} THEN true WHEN edits = 2 THEN {LETTERS.format('s')} = {LETTERS.format('p')} END END"
)

NEAR_GIVEN = (
    "abs(length(s.given_name) - length(p.given_name)) <= 1 AND levenshtein(s.given_name, p.given_name) = 1"
)

# Behind an Ê Đê woman's H the last word is her clan's: two women of one clan share no more than that, and no initials.
NO_H = "p.family_name != 'h'"

INITIALS = "list_transform(split({}.name_key, ' '), lambda syllable: left(syllable, 1))"

# Lengths and a given name first: taking names apart is dear, and most pairs of a wide block differ here already.
SAME_LENGTH = "length(s.name_key) = length(p.name_key) AND contains(s.name_key, p.given_name)"
SYLLABLES = "list_sort(split({}.name_key, ' '))"


# One name in two regions: Hoàng is Huỳnh in the south, Vũ is Võ (sources name-2), Phúc is Phước.
REGIONAL = ((" hoang ", " huynh "), (" vu ", " vo "), (" phuc ", " phuoc "))
# As it sounds in the north.
HEARD = ((" tr", " ch"), (" x", " s"), (" gi", " d"), (" r", " d"), (" l", " n"), ("y", "i"))


def by_ear(name_key: str) -> str:
    """Return the SQL of an unaccented name as it may be heard: in either region's form, tr as ch, l as n."""
    heard = f"' ' || {name_key} || ' '"
    for spelt, sound in REGIONAL + HEARD:
        heard = f"replace({heard}, '{spelt}', '{sound}')"
    return heard


NAME = Comparison(
    "full_name",
    (
        ("missing", "s.name_key IS NULL OR s.name_key = '' OR p.name_key IS NULL"),
        ("same_accented", "s.name_accented = p.name_accented"),
        # "Viết không dấu": nothing contradicts, the accents are simply not there.
        ("same_without_accents", "s.name_key = p.name_key AND s.name_key = s.name_accented"),
        ("same_other_accents", "s.name_key = p.name_key"),
        # A syllable that nobody in the registry has is a slip; "An" for "Anh" may be a brother.
        ("slip", SLIP),
        ("near_same_given", f"{SAME_GIVEN} AND {NEAR}"),
        # "Trở" for "Chở": the clerk writes what he hears.
        ("spelt_by_ear", f"edits <= 4 AND {by_ear('s.name_key')} = {by_ear('p.name_key')}"),
        # A cell too narrow, or a hand too quick: the last letters are missing.
        (
            "cut_short",
            (
                "CASE WHEN length(s.name_key) >= 6 AND s.name_key LIKE '% %' AND starts_with(p.name_key, s.name_key) "
                "THEN substr(p.name_key, length(s.name_key) + 1, 1) != ' ' END"
            ),
        ),
        # A middle name dropped, added or renamed (Mông men after their first child, sources name-6).
        ("same_family_and_given", f"{SAME_FAMILY} AND {SAME_GIVEN} AND {NO_H}"),
        # Given name first, as phones and foreign forms have it.
        ("same_syllables", f"{SAME_LENGTH} AND {SYLLABLES.format('s')} = {SYLLABLES.format('p')}"),
        ("near", "edits = 1"),
        (
            "part_of_name",
            (
                "CASE WHEN length(s.name_key) < length(p.name_key) AND contains(p.name_key, s.family_name) "
                "AND contains(p.name_key, s.given_name) AND s.name_key LIKE '% %' "
                "THEN list_has_all(split(p.name_key, ' '), split(s.name_key, ' ')) END"
            ),
        ),
        # Words exchanged, and another middle name with it.
        (
            "family_and_given_elsewhere",
            (
                "CASE WHEN contains(s.name_key, p.family_name) AND contains(s.name_key, p.given_name) "
                f"AND p.family_name != p.given_name AND {NO_H} "
                "THEN list_has_all(split(s.name_key, ' '), [p.family_name, p.given_name]) END"
            ),
        ),
        (
            "same_initials",
            f"CASE WHEN s.has_initials AND {NO_H} THEN {INITIALS.format('s')} = {INITIALS.format('p')} END",
        ),
        ("same_given", f"{SAME_GIVEN} AND {NO_H}"),
        # A middle name lost and a slip in the given one.
        ("same_family_near_given", f"{SAME_FAMILY} AND {NEAR_GIVEN}"),
        ("same_family", SAME_FAMILY),
        ("different", "true"),
    ),
)

FULL_DATES = "s.birth_on IS NOT NULL AND p.birth_on IS NOT NULL"
# 1 January is how forms write "only the year is known" (sources date-2).
YEAR_ONLY = (
    "(s.birth_day IS NULL OR p.birth_day IS NULL OR (s.birth_month = 1 AND s.birth_day = 1) "
    "OR (p.birth_month = 1 AND p.birth_day = 1))"
)
SAME_YEAR = "s.birth_year = p.birth_year"
SAME_MONTH = "s.birth_month = p.birth_month"
SAME_DAY = "s.birth_day = p.birth_day"
YEARS_APART = "abs(s.birth_year - p.birth_year)"
# One digit misread, or counted from another year; a birthday shared by chance lies anywhere.
YEAR_SLIP = (
    f"({YEARS_APART} <= 2 OR (s.birth_year // 10 = p.birth_year // 10) "
    "OR (s.birth_year % 10 = p.birth_year % 10 AND s.birth_year // 100 = p.birth_year // 100))"
)
EXCHANGED = "s.birth_year // 100 * 100 + s.birth_year % 10 * 10 + s.birth_year // 10 % 10 = p.birth_year"
SAME_BIRTHDAY = f"{FULL_DATES} AND {SAME_MONTH} AND {SAME_DAY} AND NOT {YEAR_ONLY}"
GENERATION_YEARS = 15
SWAPPED = f"{SAME_YEAR} AND s.birth_day = p.birth_month AND s.birth_month = p.birth_day"
# Day and month known on both sides say little about a year of 1 January entries, so those stand apart.
BIRTH = Comparison(
    "birth_date",
    (
        ("missing", "s.birth_year IS NULL OR p.birth_year IS NULL"),
        ("same_day", f"s.birth_on = p.birth_on AND NOT {YEAR_ONLY}"),
        ("same_year_imprecise", f"{SAME_YEAR} AND {YEAR_ONLY}"),
        ("day_month_swapped", f"{FULL_DATES} AND {SWAPPED}"),
        # An export that reads midnight in the wrong time zone moves a date by one day (sources date-3).
        ("next_day", f"{FULL_DATES} AND abs(date_diff('day', s.birth_on, p.birth_on)) = 1"),
        ("day_differs", f"{FULL_DATES} AND {SAME_YEAR} AND {SAME_MONTH}"),
        ("month_differs", f"{FULL_DATES} AND {SAME_YEAR} AND {SAME_DAY}"),
        ("year_exchanged", f"{SAME_BIRTHDAY} AND {EXCHANGED}"),
        ("year_slip", f"{SAME_BIRTHDAY} AND {YEAR_SLIP}"),
        ("year_differs", SAME_BIRTHDAY),
        ("same_year", SAME_YEAR),
        ("next_year", f"{YEARS_APART} = 1"),
        # Two people of one name: a father and his son.
        ("generation_apart", f"{YEARS_APART} >= {GENERATION_YEARS}"),
        ("different", "true"),
    ),
)

SEX = Comparison(
    "sex",
    (("missing", "s.sex IS NULL OR p.sex IS NULL"), ("same", "s.sex = p.sex"), ("different", "true")),
)

# Current residence or permanent one: workers far from home give either.
PLACE = Comparison(
    "place",
    (
        ("missing", "s.province_code IS NULL"),
        ("same_commune", "s.commune_code IN (p.home_commune, p.stay_commune)"),
        (
            "same_district_no_commune",
            "s.commune_code IS NULL AND s.district_code IN (p.home_district, p.stay_district)",
        ),
        ("same_district", "s.district_code IN (p.home_district, p.stay_district)"),
        (
            "same_province_no_district",
            "s.district_code IS NULL AND s.province_code IN (p.home_province, p.stay_province)",
        ),
        ("same_province", "s.province_code IN (p.home_province, p.stay_province)"),
        ("different", "true"),
    ),
)


def one_slip(typed: str, other: str) -> str:
    """Return the SQL of whether two numbers differ in one digit, or in two that changed places."""
    digits, edits = "list_sort(split({}, ''))", f"levenshtein({typed}, {other})"
    return (  # most are far apart and end at the first WHEN: each counts anew
        f"CASE WHEN {edits} > 2 THEN false WHEN {edits} = 1 THEN true "
        f"WHEN {edits} = 2 THEN {digits.format(typed)} = {digits.format(other)} ELSE false END"
    )


def one_damage(other: str) -> str:
    """Return the SQL of whether a damaged number is another with digits lost or added at an end, or one slip."""
    typed = "s.damaged_number"
    return (
        f"CASE WHEN contains({other}, {typed}) OR contains({typed}, {other}) THEN true "
        f"WHEN length({typed}) != length({other}) THEN false ELSE {one_slip(typed, other)} END"
    )


# Digits lost in front or behind, one too many, or a slip that made twelve digits impossible.
DAMAGED = f"""(CASE WHEN s.damaged_number IS NULL THEN false
    WHEN length(s.damaged_number) >= 10 AND {one_damage("p.citizen_id")} THEN true
    WHEN length(s.damaged_number) IN (8, 10)
        THEN len(list_filter(p.old_id_numbers, lambda old: {one_damage("old")})) > 0
    ELSE false END)"""
FAMILY = "' ' || p.family_name"
NEAR_HOLDER = (
    "(list_contains(s.holder_communes, p.home_commune) OR list_contains(s.holder_communes, p.stay_commune))"
)
FITS_ROW = """(s.id_kind = 'citizen_number' AND s.birth_year IS NOT NULL
    AND substr(s.id_number, 4, 3)
        = (2 * (s.birth_year // 100 - 19) + CASE s.sex WHEN 'Nam' THEN 0 WHEN 'Nữ' THEN 1 END)::VARCHAR
            || lpad((s.birth_year % 100)::VARCHAR, 2, '0'))"""
NUMBER = Comparison(
    "id_number",
    (
        ("missing", f"CASE WHEN s.id_number IS NULL THEN NOT {DAMAGED} END"),
        ("damaged", "s.id_number IS NULL"),
        ("same_citizen_number", "s.id_number = p.citizen_id"),
        ("same_old_number", "list_contains(p.old_id_numbers, s.id_number)"),
        # Relatives lend each other their numbers: one family name in one commune, or a wife, a mother.
        (
            "held_by_family",
            (
                f"CASE WHEN {NEAR_HOLDER} THEN "
                f"list_has_any(s.holder_families, [p.home_commune || {FAMILY}, p.stay_commune || {FAMILY}]) END"
            ),
        ),
        ("held_by_neighbour", NEAR_HOLDER),
        ("held_by_another", "s.holder_communes IS NOT NULL"),
        # Numbers of 12 and of 9 digits are never one slip apart.
        (
            "one_slip",
            f"CASE WHEN s.id_kind = 'citizen_number' THEN {one_slip('s.id_number', 'p.citizen_id')} END",
        ),
        (
            "one_slip_old",
            (
                "CASE WHEN s.id_kind = 'old_number' AND len(p.old_id_numbers) > 0 THEN "
                f"len(list_filter(p.old_id_numbers, lambda old: {one_slip('s.id_number', 'old')})) > 0 END"
            ),
        ),
        # A 9-digit number says little about a citizen whose old numbers the registry never learned.
        ("old_number_unknown", "s.id_kind = 'old_number' AND coalesce(len(p.old_id_numbers), 0) = 0"),
        ("other_old_number", "s.id_kind = 'old_number'"),
        # Sex and birth year of the row stand in the number (07/2016/TT-BCA): it is somebody's own.
        ("fits_an_absent_person", FITS_ROW),
        ("other_number", "true"),
    ),
)

# `g`: the days on which linked rows give the citizen a dose of the row's number (found_doses). Within
# DAYS_APART days it is one dose recorded twice, which says nothing: the same day a neighbour got his.
DOSE = Comparison(
    "dose",
    (
        ("missing", "s.dose_number IS NULL OR s.vaccination_date IS NULL"),
        ("not_found_yet", "g.citizen_id IS NULL"),
        (
            "recorded_twice",
            f"s.vaccination_date BETWEEN g.first_on - {DAYS_APART} AND g.last_on + {DAYS_APART}",
        ),
        ("found_on_another_day", "true"),
    ),
)

COMPARISONS = (NAME, BIRTH, SEX, PLACE, NUMBER, DOSE)


def level_columns() -> str:
    """Return the SQL of one level column per comparison: `full_name_level`, `birth_date_level` and so on."""
    return ", ".join(f"{c.sql()} AS {c.column}" for c in COMPARISONS)


def levels_in(comparison: Comparison, *names: str) -> str:
    """Return the SQL condition that a comparison's level column is one of the named levels."""
    positions = ", ".join(str(comparison.at(name)) for name in names)
    return f"{comparison.column} IN ({positions})"
