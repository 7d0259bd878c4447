"""configurations/policy: what a loop learns by, and what it has learned by before."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import islice

from personalizer.api import MODEL_HEADER, Request, Response
from personalizer.domain.loop import LoopState
from personalizer.ports import Loops, Objects
from personalizer.routes import Routes
from personalizer.usecases import policies, steer
from personalizer.usecases.steer import Effect, Steered
from personalizer.wire import policy as wire

PATH = "/configurations/policy"
HISTORY = 100
"""How many policies are told of at most."""

_FATES = {Effect.NONE: "goes on", Effect.CONTINUES: "goes on", Effect.RESTARTS: "starts anew"}


class PolicyOperations:
    """`new_id` makes names that no other change will ever use."""

    def __init__(
        self,
        loops: Loops,
        objects: Objects,
        clock: Callable[[], int],
        new_id: Callable[[], str],
    ):
        self._loops = loops
        self._objects = objects
        self._clock = clock
        self._new_id = new_id

    def add_to(self, routes: Routes) -> None:
        routes.add("GET", PATH, self._get)
        routes.add("PUT", PATH, self._put)
        routes.add("DELETE", PATH, self._delete)
        routes.add("GET", f"{PATH}/history", self._history)
        routes.add("POST", f"{PATH}/history/{{id}}/restore", self._restore)

    def _get(self, request: Request, _: Mapping[str, str]) -> Response:
        return Response(200, self._shown(self._loops.state(request.loop, consistent=True)))

    def _put(self, request: Request, _: Mapping[str, str]) -> Response:
        policy = wire.policy(request.body)
        args = (self._loops, self._objects, request.loop, policy, self._new_id(), self._clock())
        return self._steered(request.loop, steer.set_policy(*args))

    def _delete(self, request: Request, _: Mapping[str, str]) -> Response:
        args = (self._loops, self._objects, request.loop, self._new_id(), self._clock())
        return self._steered(request.loop, steer.reset_policy(*args))

    def _history(self, request: Request, _: Mapping[str, str]) -> Response:
        state = self._loops.state(request.loop, consistent=True)
        kept = islice(policies.history(self._objects, state.head.policy), HISTORY)
        return Response(200, wire.history(kept, state.configuration.exploration))

    def _restore(self, request: Request, parameters: Mapping[str, str]) -> Response:
        chosen = (parameters["id"], self._new_id(), self._clock())
        done = steer.restore_policy(self._loops, self._objects, request.loop, *chosen)
        return self._steered(request.loop, done)

    def _steered(self, loop: str, done: Steered) -> Response:
        body = self._shown(self._loops.state(loop, consistent=True))
        return Response(200, body, {MODEL_HEADER: _FATES[done.effect]})

    def _shown(self, state: LoopState) -> bytes:
        policy = policies.read(self._objects, state.head.policy)
        named = replace(policy, name=wire.application(state.head.loop))
        return wire.response(named, state.configuration.exploration)
