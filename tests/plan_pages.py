"""The pictures of the stages' plans in docs/, drawn from the plans: run me after a change of a plan.

    python tests/plan_pages.py

A picture has one line a step, in the order in which they are made; an arc leads from a table to each step that
reads it. Written tables are bold, tables that an earlier stage wrote or a file holds stand in grey.
"""

from html import escape
from pathlib import Path

from analysis.pipeline import PLANNED_STAGES, Stage
from analysis.settings import open_run
from analysis.steps import Step, unrolled

DOCS = Path(__file__).resolve().parents[1] / "docs"
LINE, LEFT, TOP, ARCS = 16, 12, 34, 300
STYLE = (
    "text{font:11px sans-serif;fill:#222}.head{font:bold 14px sans-serif}.written{font-weight:bold}"
    ".opened{fill:#888}path{fill:none;stroke:#1b6ca8;stroke-opacity:.35}"
)


def picture_path(stage: Stage) -> Path:
    """Return the picture of a stage's plan."""
    return DOCS / f"plan-{stage.package}.svg"


def draw_plan(stage: Stage) -> str:
    """Return the picture of a stage's plan as SVG."""
    steps = unrolled(stage.plan(open_run("2021-11-07")))
    places = {step.table: TOP + LINE * number for number, step in enumerate(steps, start=1)}
    names = max(len(step.table) + len(step.row) for step in steps) * 7 + 30
    arcs = [
        _arc(names, places[read], places[step.table])
        for step in steps
        for read in dict.fromkeys(step.read_tables)
    ]
    height = TOP + LINE * (len(steps) + 2)
    title = f"{stage.name}: {len(steps)} steps, from the first to the last; an arc is a reading"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{names + ARCS}" height="{height}" role="img">',
            f"<title>{escape(title)}</title><style>{STYLE}</style>",
            f'<rect width="100%" height="100%" fill="#fff"/><text class="head" x="{LEFT}" y="22">{escape(title)}</text>',
            *arcs,
            *(_name(step, places[step.table]) for step in steps),
            "</svg>\n",
        ]
    )


def _name(step: Step, y: int) -> str:
    kind = "opened" if step.files else "written" if step.is_written else "made"
    return f'<text class="{kind}" x="{LEFT}" y="{y + 4}">{escape(step.table)} · {escape(step.row)}</text>'


def _arc(x: int, first: int, last: int) -> str:
    reach = x + min(ARCS - 10, 12 + (last - first) * 0.25)
    return f'<path d="M{x} {first} C{reach:.0f} {first} {reach:.0f} {last} {x} {last}"/>'


if __name__ == "__main__":
    for stage in PLANNED_STAGES:
        picture_path(stage).write_text(draw_plan(stage), encoding="utf-8", newline="\n")
        print(picture_path(stage).name)
