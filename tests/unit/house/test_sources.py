"""Citations lead somewhere: to a rule or a document of docs/sources.md, or a section of docs/interfaces.md."""

import re

import pytest

from analysis.clean.quality.reason_codes import REASONS
from house_files import ROOT, name_of, read_text, tracked_files
from rule_sources import (
    CONVENTION,
    DANGLING,
    SOURCES,
    anchor_of,
    cited_anchors,
    cited_documents,
    cited_rules,
    dangling,
    documents,
    faults_tested,
    headings,
    lost_sections,
    rules,
)

SEARCHED = ("src/", "tests/", "docs/", "notebooks/", "benchmarks/", "README.md", "CONTRIBUTING.md")
# These two hold the pattern and what it must find.
PATTERNS = {"tests/rule_sources.py", "tests/unit/house/test_sources.py"}


def searched_texts() -> dict[str, str]:
    """Return every text that may cite, by its path."""
    names = {name_of(path): path for path in tracked_files() if path.suffix != ".svg"}
    kept = {name: path for name, path in names.items() if name.startswith(SEARCHED) and name not in PATTERNS}
    return {name: read_text(path) or "" for name, path in kept.items()}


@pytest.mark.parametrize(
    "planted",
    [
        *("(contract 3.1)", "Contract 2", "in the contract's words", "as contract section 2.2 says"),
        *("domain C4", "(domain facts, section I)", "domain.md F", "domain.md", "domain facts C1, C2"),
        *("rule 12", "# Rules 15 and 27", "a line\n# of rule\n# 9", "rows 3 and 4 of the fault list"),
        *(
            "issue 2",
            "reliability 6.5",
            "the reliability rules 4",
            "style.md",
            "style.md section 4",
            "design 3",
        ),
        *(
            "trends.md 3",
            "docs/trends.md, section 2",
            "id_wrong,0.1,0,0,A7: wrong number\n",
            "date,0,0,0,B5\n",
        ),
    ],
)
def test_dangling_citations_are_found(planted: str) -> None:
    assert dangling(planted)


@pytest.mark.parametrize(
    "ordinary",
    [
        "sources fault-12, interfaces, links, docs/trends.md",
        "blocks 16 %, rules 14 %",
        "the rules that link",
        "F1 0.9, D1,M1, A4 landscape",
        "issue_lists(run, 12)",
        "issue a list in a style a page has; write(cell, style, 2)",
    ],
)
def test_other_words_are_no_citation(ordinary: str) -> None:
    assert dangling(ordinary) == []


def test_citations_are_read() -> None:
    text = "(sources id-1, id-3 and fault-4), see sources\n# date-1 to date-3; sources.md#id-2; 9438/BYT-CNTT"
    assert cited_rules(text) == ["id-1", "id-3", "fault-4", "date-1", "date-2", "date-3"]
    assert cited_anchors(text) == ["id-2"]
    assert cited_documents(text + " 137/2015/NĐ-CP 91/2025/QH15 121-TCTK/PPCĐ 2/3/1979 3.2/4") == [
        *("9438/BYT-CNTT", "137/2015/NĐ-CP", "91/2025/QH15", "121-TCTK/PPCĐ")
    ]
    assert faults_tested("def test_07_08_a() -> None: ...\ndef test_x(): ...") == ["fault-7", "fault-8"]
    assert anchor_of("30/2020/NĐ-CP") == "30-2020-nd-cp"


def test_sections_that_are_not_on_the_page_are_found() -> None:
    assert {"platform/", "links", "command line", "baophu run"} <= set(headings())
    assert lost_sections("interfaces, platform/ and interfaces, command\n# line; interfaces, `links`.") == []
    assert lost_sections("(interfaces, linkage) interfaces, platforms") == ["linkage) interfaces, platforms"]


def test_no_citation_dangles() -> None:
    print(f"searched: {' '.join(SEARCHED)}\npattern:\n{DANGLING.pattern}")
    found = {name: dangling(text) for name, text in searched_texts().items()}
    assert {name: lost for name, lost in found.items() if lost} == {}


def test_what_is_cited_exists() -> None:
    anchors = {row.anchor for row in (*rules().values(), *documents().values())}
    for name, text in searched_texts().items():
        unknown = [cited for cited in cited_rules(text) if cited not in rules()]
        unknown += [number for number in cited_documents(text) if number not in documents()]
        unknown += [anchor for anchor in cited_anchors(text) if anchor not in anchors]
        unknown += [fault for fault in faults_tested(text) if fault not in rules()]
        assert (name, unknown + lost_sections(text)) == (name, [])


def test_a_reason_rests_on_a_rule_or_a_document() -> None:
    known = rules().keys() | documents().keys()
    assert {code: reason.source for code, reason in REASONS.items() if reason.source not in known} == {}


def test_every_rule_and_document_is_cited() -> None:
    texts = {name: text for name, text in searched_texts().items() if name != name_of(SOURCES)}
    cited = {reason.source for reason in REASONS.values()}
    for text in texts.values():
        cited |= {*cited_rules(text), *faults_tested(text), *cited_documents(text)}
    page = SOURCES.read_text("utf-8")
    rested_on = {number for row in rules().values() for number in cited_documents(row.rests_on)}
    ended = set(re.findall(r"</a>(\S+) \| \*ended\*", page))
    assert sorted(rules().keys() - cited - ended) == []
    assert sorted(documents().keys() - cited - rested_on) == []


def test_the_page_is_well_formed() -> None:
    page = SOURCES.read_text("utf-8")
    rows = [*rules().values(), *documents().values()]
    assert len(rows) == page.count("<a id=") == len({row.anchor for row in rows}) > 100
    assert [row.name for row in rows if row.anchor != anchor_of(row.name)] == []
    reasons = [
        row.rests_on.partition(CONVENTION)[2] for row in rules().values() if "our convention" in row.rests_on
    ]
    assert [text for text in reasons if len(text) < 10] == []
    assert {
        number for row in rules().values() for number in cited_documents(row.rests_on)
    } <= documents().keys()
    own = sum(row.rests_on.startswith(CONVENTION) for row in rules().values())
    print(
        f"{len(rules())} rules: {len(rules()) - own} rest on a document or a publication, {own} are our convention"
    )


def test_the_pages_lead_to_the_sources() -> None:
    for page in ("README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/cleaning-rules.md"):
        assert "sources.md" in (ROOT / page).read_text("utf-8"), page
