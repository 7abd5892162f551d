"""docs/sources.md as tests read it: rules, documents, and what a text cites of it and of docs/interfaces.md.

Forms of a citation: `sources id-1`, also with several ids, with `and`, `to` or commas between; a link
`sources.md#id-1`; `interfaces, <first words of a heading>`; the number of a document (9438/BYT-CNTT); and in
`tests/` the numbers in a test's name, `test_12_…` for fault-12.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "docs" / "sources.md"
INTERFACES = ROOT / "docs" / "interfaces.md"
CONVENTION = "our convention, because "

_GAP = r"[\s#]+"  # a citation may go on in the next line, of a comment too
_ID = r"[a-z]+-\d+"
ROW = re.compile(r'^\| <a id="([^"]+)"></a>(\S+) \| (.+?) \| (.+?) \|$', re.MULTILINE)
CITED = re.compile(
    rf"\bsources{_GAP}({_ID}\b(?:(?:,|{_GAP}and|{_GAP}to|, and){_GAP}{_ID}\b)*)", re.IGNORECASE
)
RANGE = re.compile(rf"([a-z]+)-(\d+){_GAP}to{_GAP}\1-(\d+)")
LINKED = re.compile(r"\bsources\.md#([\w-]+)")
INTERFACE = re.compile(rf"\binterfaces,{_GAP}(.{{1,40}})", re.IGNORECASE | re.DOTALL)
DOCUMENT = re.compile(
    r"(?<![\w/.-])\d{2,5}(?:/\d{4})?/(?:QH\d+|(?:BYT|BHXH|CT|KH|NĐ|NQ|QĐ|TT)-[A-ZĐ]+)\b|\b\d+-TCTK/PPCĐ"
)
# What no text may cite, because it is not in the tree: a contract, a domain page, numbered rules without their
# list, sections of letters and figures, issues, and pages by other names.
DANGLING = re.compile(
    rf"""
    \b(?:contract|domain|reliability|design|style|issue)(?:\.md|'s)?{_GAP}           # contract 3.1, issue 2
        (?:(?:section|fact|rule|item)s?{_GAP})?(?:§\s*)?[A-I]?\d+(?:\.\d+)*\b(?!\s*%)
    | \bdomain[,\s\#]+(?-i:[A-I])\b                                                # domain F
    | \bdomain{_GAP}(?:facts?|source)\b
    | \bcontract(?:'s|s)?\b                                                      # the contract's words
    | \breliability{_GAP}rules\b
    | \brules?{_GAP}\d+\b(?!\s*%)                                                # rule 12
    | \b(?:of|in){_GAP}the{_GAP}fault{_GAP}list\b                                # row 7 of the fault list
    | \b(?:contract|domain|reliability|style|design)\.md\b                       # style.md
    | \btrends\.md,?{_GAP}(?:section{_GAP})?\d                                   # trends.md 3
    | (?<=,)(?:[A-I]\d(?::|$)|[A-I]:\ )                                          # ",A7: wrong name" of a table
    """,
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)


@dataclass(frozen=True)
class Rule:
    """A line of sources.md: a rule, or a document with its day."""

    anchor: str
    name: str
    says: str
    rests_on: str


@cache
def rules() -> dict[str, Rule]:
    """Return the rules by their ids, in the order of the page."""
    return {row.name: row for row in _rows() if re.fullmatch(_ID, row.name)}


@cache
def documents() -> dict[str, Rule]:
    """Return the cited documents by their numbers; `says` is the day."""
    return {row.name: row for row in _rows() if not re.fullmatch(_ID, row.name)}


def _rows() -> list[Rule]:
    return [Rule(*found) for found in ROW.findall(SOURCES.read_text("utf-8"))]


def anchor_of(source: str) -> str:
    """Return the anchor of a rule's id or a document's number on the page."""
    return source.lower().replace("/", "-").replace("đ", "d")


def link_to(source: str) -> str:
    """Return the Markdown link, as from docs/, to a rule or a document."""
    return f"[{source}](sources.md#{anchor_of(source)})"


def with_links(text: str) -> str:
    """Return the Markdown of a page of docs/ with its citations of single rules as links."""
    return re.sub(rf"\bsources ({_ID})", r"[sources \1](sources.md#\1)", text)


def cited_rules(text: str) -> list[str]:
    """Return the ids of rules that a text cites; of `a-1 to a-3` the one between too."""
    found = []
    for listed in CITED.findall(text):
        for kind, first, last in RANGE.findall(listed.lower()):
            found += [f"{kind}-{number}" for number in range(int(first), int(last) + 1)]
        found += re.findall(_ID, listed.lower())
    return list(dict.fromkeys(found))


def cited_anchors(text: str) -> list[str]:
    """Return the anchors of sources.md that a text links."""
    return LINKED.findall(text)


def cited_documents(text: str) -> list[str]:
    """Return the numbers of documents that a text names."""
    return DOCUMENT.findall(text)


def faults_tested(text: str) -> list[str]:
    """Return the faults whose numbers the names of a module's tests bear: `test_07_08_…` bears two."""
    numbers = re.findall(r"^def test_((?:\d\d_)+)", text, re.MULTILINE)
    return [f"fault-{int(number)}" for found in numbers for number in found.strip("_").split("_")]


@cache
def headings() -> tuple[str, ...]:
    """Return how the sections of interfaces.md are cited: a heading up to its dash or dot, without code marks."""
    lines = re.findall(r"^#{2,3} (.+)$", INTERFACES.read_text("utf-8"), re.MULTILINE)
    names = {re.split(" [—·] ", line)[0].replace("`", "").lower() for line in lines}
    return tuple(sorted(names, key=len, reverse=True))


def lost_sections(text: str) -> list[str]:
    """Return the citations of interfaces.md that begin like none of its headings."""
    found = [re.sub(_GAP, " ", words).lower() for words in INTERFACE.findall(text.replace("`", ""))]
    ends = tuple(re.compile(rf"{re.escape(name)}(?![\w/])") for name in headings())
    return [words for words in found if not any(end.match(words) for end in ends)]


def dangling(text: str) -> list[str]:
    """Return what a text cites that is not in the tree."""
    return [found[0] for found in DANGLING.finditer(text)]
