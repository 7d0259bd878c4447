"""Where objects live."""

from personalizer.domain import names
from tests.factories import NOW


def test_a_log_segment_is_partitioned_by_the_date_of_its_commit() -> None:
    assert names.log("x", 7, "c", NOW) == "log/loop=x/dt=2023-11-14/000000000007-c.dsjson.gz"


def test_names_sort_by_generation() -> None:
    assert names.commit("x", 9, "b") < names.commit("x", 10, "a")


def test_two_attempts_at_a_generation_do_not_share_a_name() -> None:
    assert names.model("x", 1, 7, "a") != names.model("x", 1, 7, "b")
