"""A function's processes, as Lambda makes them: `python -m tests.kill.sandbox <function> <socket>`.

This process has imported the handler and waits. Every connection gets a fork of it, a sandbox: it
says its pid and then handles one event after the other, a line of JSON each, until it is killed or
the connection ends.
"""

import importlib
import json
import os
import sys
from collections.abc import Callable
from socketserver import ForkingUnixStreamServer, StreamRequestHandler
from typing import Any

type Handler = Callable[[Any, object], Any]


class Server(ForkingUnixStreamServer):
    max_children = 1_000
    request_queue_size = 128

    def __init__(self, function: str, path: str):
        self.function = function
        self.run: Handler = importlib.import_module(f"functions.{function}.app").handler
        super().__init__(path, Sandbox)


class Sandbox(StreamRequestHandler):
    server: Server

    def handle(self) -> None:
        # As Lambda does: the SDK sends it along, and so the proxy knows who is calling.
        os.environ["_X_AMZN_TRACE_ID"] = f"{self.server.function}:{os.getpid()}"
        self._say(os.getpid())
        for line in self.rfile:
            self._say(self._answer(json.loads(line)))

    def _answer(self, event: Any) -> dict[str, Any]:
        try:
            return {"result": self.server.run(event, None)}
        except Exception as error:
            return {"error": repr(error)}

    def _say(self, what: object) -> None:
        self.wfile.write(json.dumps(what).encode() + b"\n")
        sys.stdout.flush()  # a fork that is killed would take its log with it


if __name__ == "__main__":
    Server(*sys.argv[1:3]).serve_forever()
