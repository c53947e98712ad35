"""The parts that specifications of Vega share: axes in the colours of the site, and years on them."""

from __future__ import annotations

from typing import Any, Final

__all__ = ["TEXT_SIZE", "WIDTH", "frame_plot", "make_axis", "span_years"]

WIDTH: Final = 960
"""The width of a picture, in pixels."""

TEXT_SIZE: Final = 12
"""The size of the texts in a picture."""


def make_axis(scale: str, orient: str, form: str, **more: Any) -> dict[str, Any]:
    """Return an axis whose labels are numbers.

    Args:
        scale: The name of its scale.
        orient: The side that it is on.
        form: The format of the numbers (d3-format).
        **more: What else the axis has, in Vega's terms.
    """
    return {
        "scale": scale,
        "orient": orient,
        "format": form,
        "grid": True,
        "gridColor": "line",
        "domain": False,
        "ticks": False,
        "labelColor": "soft",
        "labelFontSize": TEXT_SIZE,
        "labelPadding": 6,
        "labelFlush": False,
        "zindex": 0,
        **more,
    }


def frame_plot(
    left: int, top: int, width: int, height: int, axes: list[dict[str, Any]], *marks: dict[str, Any]
) -> dict[str, Any]:
    """Return a group with axes around it, whose marks have the coordinates of its corner.

    Args:
        left: How far it is from the left.
        top: How far it is from the top.
        width: Its width.
        height: Its height.
        axes: Its axes.
        *marks: Its marks.
    """
    box = {"x": left, "y": top, "width": width, "height": height}
    return {
        "type": "group",
        "encode": {"enter": {name: {"value": value} for name, value in box.items()}},
        "axes": axes,
        "marks": list(marks),
    }


def span_years(first: int, last: int) -> tuple[list[int], list[int]]:
    """Return the domain of a scale of years that has some room at both ends, and the years that are written.

    Args:
        first: The first year.
        last: The last year.

    Examples:
        >>> span_years(1901, 2006)
        ([1900, 2010], [1900, 1920, 1940, 1960, 1980, 2000])
        >>> span_years(2006, 2016)[1]
        [2006, 2008, 2010, 2012, 2014, 2016]
    """
    span = max(1, last - first)
    step = next(one for one in _steps() if span / one <= 8)
    grain = max(1, step // 2)
    low, high = first - first % grain, last + -last % grain
    if low == high:
        low, high = low - 1, high + 1
    return [low, high], list(range(low + -low % step, high + 1, step))


def _steps() -> list[int]:
    return [factor * 10**power for power in range(12) for factor in (1, 2, 5)]
