"""The page's pictures, as plotly draws them."""

import html
from collections.abc import Iterable, Sequence
from typing import Any

from cli.evaluation.palette import INK, Look, looks
from cli.evaluation.told import Evaluation, Policy, Window

type Figure = dict[str, Any]

LONGEST_NAME = 28
REWARD = "expected reward per decision"
_ROW = 26
"""Pixels that a policy needs, side by side with others."""
_BAND = 0.1
_OUTLYING = 0.05
"""The part of the bands' ends that may lie outside: the first intervals are all but boundless."""
FONT = {"family": "system-ui, sans-serif", "size": 13}
_HOVER = (
    "%{y:.4~g} <i>(%{customdata[0]:.4~g} to %{customdata[1]:.4~g},"
    " a sample of %{customdata[2]:,.0f})</i>"
)


def side_by_side(told: Evaluation) -> Figure:
    """What each is expected to earn: a point and its interval, the best on top."""
    pairs = zip(told.policies, looks(told.policies, told.optimal), strict=True)
    drawn = [(each, look) for each, look in pairs if each.total.expected_reward is not None]
    return {
        "data": [_row(policy, look, policy.name == told.optimal) for policy, look in drawn],
        "layout": {
            "height": 100 + _ROW * len(drawn),
            "margin": {"l": 10, "r": 20, "t": 34, "b": 50},
            "font": FONT,
            "showlegend": False,
            "hovermode": "closest",
            "dragmode": "pan",
            "xaxis": {"title": {"text": REWARD}, "zeroline": False},
            "yaxis": {
                "autorange": "reversed",
                "automargin": True,
                "fixedrange": True,
                "ticks": "",
                "showgrid": False,
            },
            "shapes": [_mark(told.online)],
        },
    }


def over_time(told: Evaluation) -> Figure:
    """A band and a curve for every policy; `ways` gives their points."""
    pairs = zip(told.policies, looks(told.policies, told.optimal), strict=True)
    return {
        "data": [trace for policy, look in pairs for trace in _curve(policy, look)],
        "layout": {
            "height": 520,
            "margin": {"l": 60, "r": 10, "t": 34, "b": 50},
            "font": FONT,
            "hovermode": "x unified",
            "legend": {"groupclick": "togglegroup", "itemsizing": "constant"},
            "xaxis": {"title": {"text": "time (UTC)"}, "type": "date"},
            "yaxis": {"title": {"text": REWARD}, "zeroline": False},
        },
    }


def ways(told: Evaluation) -> dict[str, Figure]:
    """The points of the curves, and the range that shows them, for each way to cut up time."""
    return {
        "expanding": _points(told, [policy.expanding for policy in told.policies]),
        "rolling": _points(told, [policy.rolling for policy in told.policies]),
    }


def label(name: str) -> str:
    """Plotly reads some HTML, so nothing of a name may be any."""
    short = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
    return html.escape(short)


def _row(policy: Policy, look: Look, is_optimal: bool) -> Figure:
    total, name = policy.total, label(policy.name)
    expected = total.expected_reward or 0.0
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [expected],
        "y": [f"<b>{name}</b>" if is_optimal else name],
        "error_x": {
            "array": [total.high - expected],
            "arrayminus": [expected - total.low],
            "color": look.colour,
            "thickness": 2,
            "width": 4,
        },
        "marker": {"color": look.colour, "symbol": look.symbol, "size": 9},
        "customdata": [[total.low, total.high, total.effective_sample_size]],
        "hovertemplate": _HOVER.replace("%{y", "%{x") + "<extra></extra>",
        "meta": "ink" if look.colour == INK else "colour",
    }


def _mark(online: Policy) -> Figure:
    """Where what was served stands, through all rows."""
    earned = online.total.expected_reward or 0.0
    line = {"color": INK, "width": 1, "dash": "dot"}
    return {
        "type": "line",
        "layer": "below",
        "xref": "x",
        "yref": "paper",
        "x0": earned,
        "x1": earned,
        "y0": 0,
        "y1": 1,
        "line": line,
    }


def _curve(policy: Policy, look: Look) -> Iterable[Figure]:
    shared = {
        "type": "scatter",
        "name": label(policy.name),
        "legendgroup": label(policy.name),
        "visible": True if look.is_shown else "legendonly",
        "legendrank": 1 if look.is_shown else 2,
        "meta": "ink" if look.colour == INK else "colour",
    }
    yield {
        **shared,
        "mode": "none",
        "fill": "toself",
        "fillcolor": _faint(look.colour),
        "hoverinfo": "skip",
        "showlegend": False,
    }
    yield {
        **shared,
        "mode": "lines" if len(policy.expanding) > 1 else "markers",
        "line": {"color": look.colour, "dash": look.dash, "width": 2},
        "marker": {"color": look.colour, "symbol": look.symbol},
        "hovertemplate": _HOVER,
    }


def _points(told: Evaluation, curves: Sequence[Sequence[Window]]) -> Figure:
    shown = [look.is_shown for look in looks(told.policies, told.optimal)]
    seen = [curve for curve, is_shown in zip(curves, shown, strict=True) if is_shown]
    traces = [trace for curve in curves for trace in (_band(curve), _line(curve))]
    return {"traces": traces, "range": _sensible(seen)}


def _band(curve: Sequence[Window]) -> Figure:
    """There along the upper ends, and back along the lower ones."""
    ends = [window.end for window in curve]
    lows = [window.numbers.low for window in curve]
    highs = [window.numbers.high for window in curve]
    return {"x": ends + ends[::-1], "y": highs + lows[::-1]}


def _line(curve: Sequence[Window]) -> Figure:
    return {
        "x": [window.end for window in curve],
        "y": [window.numbers.expected_reward for window in curve],
        "customdata": [
            [found.low, found.high, found.effective_sample_size]
            for found in (window.numbers for window in curve)
        ],
    }


def _sensible(curves: Iterable[Sequence[Window]]) -> tuple[float, float]:
    found = [window.numbers for curve in curves for window in curve]
    ends = sorted(end for each in found for end in (each.low, each.high)) or [0.0, 1.0]
    outlying = int(len(ends) * _OUTLYING)
    low, high = ends[outlying], ends[-1 - outlying]
    room = (high - low or 1.0) * 0.06
    return low - room, high + room


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{_BAND})"
