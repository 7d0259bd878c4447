"""Reading a log: its time range, page by page, and as a whole."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest

from personalizer import dsjson
from personalizer.errors import LoopNotFound, TokenInvalid
from personalizer.usecases import logs as reading
from personalizer.usecases.logs import Logs, Range
from tests.factories import NOW, House, a_joined, an_arrival

HOUR = 3_600_000


def five_commits(house: House, loop: str = "default") -> None:
    """Of two lines each, an hour apart."""
    for number in range(1, 6):
        house.clock.now = NOW + number * HOUR
        pair = [2 * number - 1, 2 * number]
        made = [a_joined(n, loop=loop, ranked_at=NOW + n * HOUR) for n in pair]
        house.train(*[an_arrival(joined, n) for joined, n in zip(made, pair, strict=True)])


@pytest.fixture
def house() -> House:
    house = House()
    five_commits(house)
    return house


def logs(house: House) -> Logs:
    return Logs(house.memory_loops, house.objects)


def numbers(lines: object) -> list[int]:
    """Of the hours at which they were ranked."""
    return [(dsjson.origin(line).ranked_at - NOW) // HOUR for line in lines]  # type: ignore[attr-defined]


def pages(house: House, within: Range = Range()) -> list[list[int]]:  # noqa: B008
    found, token = list[list[int]](), None
    while True:
        page = logs(house).page("default", within, token)
        found.append(numbers(page.lines))
        token = page.token
        if token is None:
            return found


def test_the_time_range_is_that_of_the_ranks(house: House) -> None:
    assert logs(house).properties("default") == (NOW + HOUR, NOW + 10 * HOUR)


def test_a_loop_that_learned_nothing_has_none() -> None:
    assert logs(House()).properties("default") is None


def test_a_loop_that_is_not_there_is_not_found(house: House) -> None:
    with pytest.raises(LoopNotFound):
        logs(house).properties("nobody")


def test_the_newest_segment_comes_first(house: House) -> None:
    assert pages(house) == [[9, 10, 7, 8, 5, 6, 3, 4, 1, 2]]


def test_a_page_is_bounded_and_the_next_goes_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = len(logs(house).page("default", Range()).lines[0]) + 1
    monkeypatch.setattr(reading, "PAGE_BYTES", 3 * line + 10)
    assert pages(house) == [[9, 10, 7], [8, 5, 6], [3, 4, 1], [2]]


def test_a_line_that_is_larger_than_a_page_comes_alone(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PAGE_BYTES", 10)
    assert pages(house) == [[9], [10], [7], [8], [5], [6], [3], [4], [1], [2]]


def test_a_page_reads_only_so_much_of_the_chain(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PAGE_COMMITS", 2)
    assert pages(house, Range(end=NOW + 4 * HOUR)) == [[], [3], [1, 2]]


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        (None, None, [9, 10, 7, 8, 5, 6, 3, 4, 1, 2]),
        (4, None, [9, 10, 7, 8, 5, 6, 4]),
        (None, 4, [3, 1, 2]),
        (4, 8, [7, 5, 6, 4]),
        (20, None, []),
    ],
)
def test_a_range_begins_with_its_start_and_ends_before_its_end(
    house: House, start: int | None, end: int | None, found: list[int]
) -> None:
    hours = [None if each is None else NOW + each * HOUR for each in (start, end)]
    within = Range(*hours)
    assert [n for page in pages(house, within) for n in page] == found
    commits = logs(house).commits("default", within)
    whole = [line for commit in commits for line in logs(house).lines(commit, within)]
    assert numbers(whole) == sorted(found)


# Tokens


@pytest.fixture
def token(house: House, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(reading, "PAGE_BYTES", 10)
    token = logs(house).page("default", Range()).token
    assert token
    return token


def test_a_token_opens_no_other_loops_log(house: House, token: str) -> None:
    house.add_loop("other")
    five_commits(house, "other")
    with pytest.raises(TokenInvalid):
        logs(house).page("other", Range(), token)


def test_a_token_made_up_for_another_loops_commit_is_refused(house: House, token: str) -> None:
    house.add_loop("other")
    five_commits(house, "other")
    commit = house.memory_loops.state("other").head.commit
    assert commit
    signature = urlsafe_b64decode(token)[: reading.SIGNATURE]
    place = f'[{{"key":"{commit.key}","sha256":"{commit.sha256}"}},0]'.encode()
    forged = urlsafe_b64encode(signature + place).decode()
    with pytest.raises(TokenInvalid):
        logs(house).page("default", Range(), forged)


def test_a_token_is_for_the_range_that_it_was_given_for(house: House, token: str) -> None:
    with pytest.raises(TokenInvalid):
        logs(house).page("default", Range(start=1), token)


@pytest.mark.parametrize("text", ["x", "ü", "AAAA", "A" * 400, "!!", " "])
def test_what_is_no_token_is_refused(house: House, text: str) -> None:
    with pytest.raises(TokenInvalid):
        logs(house).page("default", Range(), text)
