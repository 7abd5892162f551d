"""Every colour of the pictures, in one place, with what makes them readable computed from their own values.

Colours of one picture differ in lightness by at least `LIGHTNESS_STEP`, so that a grey print and a colour-blind
reader tell them apart; what carries meaning keeps 3:1 against the paper and every text 4.5:1 (WCAG 2.2, 1.4.11
and 1.4.3; sources page-12). What is lighter than that is a ground and has an outline that is not.
"""

PAPER = "#ffffff"
INK, NOTE = "#1a1a1a", "#595959"
# Blue is the first series, orange the second; the target is a thin line of its own red and always named.
FIRST, SECOND, TARGET = "#0b3f73", "#b25c05", "#b3261e"
QUIET = "#767676"  # what stands behind: other provinces, connecting lines, axes
BARELY = "#d9d9d9"  # guides for the eye that say nothing by themselves

OUTLINE = FIRST
# Highest band first: the more people vaccinated the darker, the lowest band pale inside an outline.
BANDS = ("#0a3255", "#22629b", "#5f96c6", "#dbe8f4")
MISSING = PAPER

LIGHTNESS_STEP = 15.0
GRAPHIC_CONTRAST, TEXT_CONTRAST = 3.0, 4.5


def luminance(colour: str) -> float:
    """Return the relative luminance of `#rrggbb`, 0 to 1 (WCAG 2.2)."""
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str = PAPER) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def lightness(colour: str) -> float:
    """Return L* of CIELAB, 0 to 100: how light a colour looks, and the grey it is printed as."""
    y = luminance(colour)
    return 116 * y ** (1 / 3) - 16 if y > 216 / 24389 else y * 24389 / 27


def ink_on(ground: str) -> str:
    """Return the ink, dark or white, that reads better on a ground."""
    return INK if contrast(INK, ground) >= contrast(PAPER, ground) else PAPER
