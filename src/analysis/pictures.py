"""A drawn picture as the notebooks show it."""

import io
from dataclasses import dataclass

from matplotlib.figure import Figure


@dataclass(frozen=True)
class Picture:
    """A picture that a notebook shows (PNG bytes, the same for the same data).

    A bare figure is shown as its mere name until a notebook has loaded an interactive backend.
    """

    png: bytes

    def _repr_png_(self) -> bytes:
        return self.png


def as_picture(figure: Figure) -> Picture:
    """Return a figure as PNG, without the metadata that would tell the version of the drawing library."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=100, metadata={"Software": None})
    return Picture(buffer.getvalue())
