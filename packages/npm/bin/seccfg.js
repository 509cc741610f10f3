#!/usr/bin/env node
// Runs the program that npm has installed for this machine: a package for each, of which npm takes the one that fits.
"use strict";

const { spawnSync } = require("node:child_process");
const { constants } = require("node:os");

const machine = `${process.platform}-${process.arch}`;
const program = process.platform === "win32" ? "seccfg.exe" : "seccfg";

let path;
try {
  path = require.resolve(`@seccfg/${machine}/${program}`);
} catch {
  console.error(
    `seccfg: there is no program for ${machine} here: npm installs it as the package @seccfg/${machine}, ` +
      "unless it is told to omit optional packages",
  );
  process.exit(2);
}
const ran = spawnSync(path, process.argv.slice(2), { stdio: "inherit" });
if (ran.error) {
  console.error(`seccfg: ${path} cannot be started: ${ran.error.message}`);
  process.exit(2);
}
// What a signal has ended ends as a shell would say.
process.exit(ran.signal ? 128 + constants.signals[ran.signal] : ran.status);
