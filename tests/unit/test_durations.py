"""Spans of time as clients write them."""

import pytest

from personalizer.wire import durations


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("PT10M", 600_000),
        ("P1DT2H", 93_600_000),
        ("PT0.5S", 500),
        ("P2D", 172_800_000),
        ("00:10:00", 600_000),
        ("00:00:15", 15_000),
        ("1.02:03:04", 93_784_000),
        ("00:00:00.5", 500),
    ],
)
def test_both_forms_are_read(text: str, milliseconds: int) -> None:
    assert durations.milliseconds(text) == milliseconds


@pytest.mark.parametrize(
    "text", ["", "10", "PT", "ten minutes", "P1Y", "P1M", "P999999999999D", "1:2", "PT1M" * 40]
)
def test_anything_else_is_not_a_duration(text: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        durations.milliseconds(text)


@pytest.mark.parametrize("text", ["PT5S", "PT10M", "P2D", "P1DT1H1M1S", "PT0.5S"])
def test_what_is_written_is_what_was_read(text: str) -> None:
    assert durations.iso(durations.milliseconds(text)) == text
