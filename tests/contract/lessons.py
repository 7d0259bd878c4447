"""What an engine is taught in tests: lines of the log, as rank and the relay would make them."""

from decimal import Decimal

from personalizer import dsjson
from personalizer.domain.decision import Decision
from personalizer.domain.example import Example
from personalizer.domain.request import RankRequest
from personalizer.ports import Engine
from tests.factories import a_joined, a_request


def a_line(engine: Engine, request: RankRequest, chosen: int = 0, cost: float = 0.0) -> bytes:
    """The request's log line, with a cost for one of its candidates."""
    count = len(request.candidates)
    order = (chosen, *(i for i in range(count) if i != chosen))
    example = Example(Decision(order, (1 / count,) * count, ()), 1, engine.features(request))
    return dsjson.with_cost(dsjson.line(a_joined(reward=Decimal(0)), example), cost)


def some_lines(engine: Engine, count: int) -> list[bytes]:
    """Lessons of a small world, in which every hour has its best action."""
    hours = [n % 5 for n in range(count)]
    requests = [a_request(contextFeatures=[{"hour": f"h{hour}"}]) for hour in hours]
    return [
        a_line(engine, request, n % 3, float(n % 3 != hours[n] % 3))
        for n, request in enumerate(requests)
    ]
