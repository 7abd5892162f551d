"""A drawn picture as notebooks show it: PNG bytes, the same for the same data."""

import io
from dataclasses import dataclass

from matplotlib.figure import Figure


@dataclass(frozen=True)
class Picture:
    """A drawn picture that a notebook shows (PNG bytes, the same for the same data)."""

    png: bytes

    def _repr_png_(self) -> bytes:
        return self.png


def as_picture(figure: Figure) -> Picture:
    """Return a figure as PNG, without the metadata that would tell the version of the drawing library."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=100, metadata={"Software": None})
    return Picture(buffer.getvalue())
