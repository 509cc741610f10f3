// MDN's HTTP Observatory, asked by the test: `node observatory.mjs PACKAGE judge|scan < questions > answers`.
//
// `judge` gives its tests answers that were made up, `scan` has it ask the sites of this machine. In place of the network
// stands loopback: whatever host is asked for, on port 80 or 443, is the server that the question names.

import net from "node:net";
import path from "node:path";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [, , folder, what] = process.argv;
const load = (file) => import(pathToFileURL(path.join(folder, "src", file)));
const questions = JSON.parse(readFileSync(0, "utf8"));

const told = (tests, score, grade) => ({
  score,
  grade,
  tests: Object.fromEntries(tests.map((test) => [test.constructor.name, test.result])),
});

/** The headers of an answer as Node's client has them: lines of one name are joined, but for cookies and for types. */
function joined(lines) {
  const headers = {};
  for (const [name, value] of lines) {
    const key = name.toLowerCase();
    if (key === "set-cookie") (headers[key] ??= []).push(value);
    else if (key !== "content-type" || !(key in headers)) headers[key] = key in headers ? `${headers[key]}, ${value}` : value;
  }
  return headers;
}

async function judge() {
  const { ALL_TESTS } = await load("constants.js");
  const { HTML_TYPES, Requests } = await load("types.js");
  const { hsts } = await load("analyzer/hsts.js");
  const { parseHttpEquivHeaders } = await load("retriever/utils.js");
  const { getGradeForScore, getScoreModifier } = await load("grader/grader.js");
  const { MINIMUM_SCORE_FOR_EXTRA_CREDIT } = await load("grader/charts.js");
  const require = createRequire(path.join(folder, "package.json"));
  const { AxiosHeaders } = require("axios");
  const { CookieJar } = require("tough-cookie");

  const response = (answer) =>
    answer && {
      headers: new AxiosHeaders(joined(answer.headers)),
      request: { headers: { origin: "https://http-observatory.security.mozilla.org" } },
      status: 200,
      verified: answer.trusted,
    };
  return questions.map((asked) => {
    hsts().clear();
    for (const host of asked.preloaded) hsts().set(host, { mode: "force-https", includeSubDomains: false });
    const requests = new Requests(asked.host);
    const { responses } = requests;
    responses.http = response(asked.http);
    responses.https = response(asked.https);
    responses.auto = responses.https ?? responses.http;
    responses.cors = response(asked.preflight);
    responses.httpRedirects = asked.route.map((url) => ({ url: new URL(url), status: 200 }));
    requests.resources.path = asked.html;
    const type = responses.auto.headers["content-type"]?.split(";")[0];
    responses.auto.httpEquiv =
      HTML_TYPES.has(type) && asked.html ? parseHttpEquivHeaders(asked.html, "https://a.example/") : new Map();
    const jar = new CookieJar();
    for (const { url, line } of asked.cookies) jar.setCookieSync(line, url, { ignoreError: true });
    requests.session = { url: new URL(`${asked.https ? "https" : "http"}://${asked.host}/`), jar };

    const tests = ALL_TESTS.map((test) => test(requests));
    const points = tests.map((test) => getScoreModifier(test.result));
    const sum = (list) => list.reduce((all, one) => all + one, 100);
    const left = sum(points.filter((one) => one < 0));
    const all = left >= MINIMUM_SCORE_FOR_EXTRA_CREDIT ? sum(points) : left;
    const { score, grade } = getGradeForScore(all);
    return told(tests, score, grade);
  });
}

async function scan() {
  let ports;
  const connect = net.Socket.prototype.connect;
  net.Socket.prototype.connect = function (...args) {
    // What Node hands on inside itself is a list, whose first element says where to.
    const options = Array.isArray(args[0]) ? args[0][0] : args[0];
    options.port = { 80: ports.http, 443: ports.https }[options.port ?? 443];
    options.host = "127.0.0.1";
    return connect.apply(this, args);
  };
  const { scan } = await load("scanner/index.js");
  const answers = [];
  for (const asked of questions) {
    ports = asked.ports;
    const { scan: whole, tests } = await scan(asked.host);
    answers.push(told(Object.values(tests), whole.score, whole.grade));
  }
  return answers;
}

// Observatory leaves timers behind, which would keep Node waiting.
process.stdout.write(JSON.stringify(await { judge, scan }[what]()), () => process.exit(0));
