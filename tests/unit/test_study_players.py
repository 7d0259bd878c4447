"""The learning study's own LinUCB and skyline, and the results that it keeps."""

from pathlib import Path
from statistics import mean

from benchmarks.learning.contender import Contender
from benchmarks.learning.play import Run, Setting, play
from benchmarks.learning.product import Product
from benchmarks.learning.results import Results, continued
from benchmarks.learning.ridge import Ridge
from benchmarks.learning.skyline import Skyline

VISITS = 200


def test_linucb_soon_tells_phishing_pages_from_others() -> None:
    """Luck is right in half of them."""
    assert mean(_played(Ridge(0.25))[100:]) > 0.75


def test_who_is_told_every_answer_does_so_too() -> None:
    assert mean(_played(Skyline())[100:]) > 0.75


def test_the_product_earns_more_than_luck_however_late_it_hears() -> None:
    setting = Setting(batch=10, delay=20, silent=1.0)
    assert mean(_played(Product("product"), setting)[100:]) > 0.6


def test_a_run_that_is_kept_is_not_played_again(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    run = Run(Ridge(0.25), "phishing", Setting(), 0, 10)
    first = continued(file)
    first.add([run], file)
    assert run in continued(file)
    assert continued(file)[run] == first[run] == play(run)


def test_another_setting_is_another_run() -> None:
    run = Run(Ridge(0.25), "phishing", Setting(), 0, 10)
    results = Results("", {run.key: "1" * 10})
    assert Run(Ridge(0.5), "phishing", Setting(), 0, 10) not in results


def _played(contender: Contender, setting: Setting | None = None) -> list[float]:
    return play(Run(contender, "phishing", setting or Setting(), 0, VISITS))
