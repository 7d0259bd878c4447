// Loaded before the emulator, which would listen on every interface, and asks nobody for a password.
"use strict";

const { Server } = require("node:net");

const listen = Server.prototype.listen;

Server.prototype.listen = function (port, ...rest) {
  if (typeof port !== "number" || typeof rest[0] === "string") {
    throw new Error("it no longer listens in the way that is changed here");
  }
  return listen.call(this, port, "127.0.0.1", ...rest);
};
