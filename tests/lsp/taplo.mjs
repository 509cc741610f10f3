// Asks taplo's language server, as Even Better TOML has it, what may be written at places of texts. Called with a folder, which
// the schema is in, and a list of { name, text, position }; prints a list of lists of labels.

import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";

const [modules, folder, questions] = process.argv.slice(2);
const { TaploLsp } = createRequire(path.join(modules, "x.js"))("@taplo/lsp");

const environment = {
    now: () => new Date(),
    envVar: () => undefined,
    envVars: () => [],
    stdErrAtty: () => false,
    stdin: process.stdin,
    stdout: process.stderr,
    stderr: process.stderr,
    glob: () => [],
    readFile: (file) => fs.promises.readFile(file),
    writeFile: () => Promise.reject(new Error("nothing is written")),
    urlToFilePath: (url) => decodeURIComponent(new URL(url).pathname),
    isAbsolute: path.isAbsolute,
    cwd: () => folder,
    findConfigFile: () => undefined,
    fetch: { fetch: () => Promise.reject(new TypeError("no network")), Headers, Request, Response },
};

const waiting = new Map();
const server = await TaploLsp.initialize(environment, {
    onMessage(message) {
        if (message.method === undefined) {
            waiting.get(message.id)?.(message.result);
        } else if (message.id !== undefined) {
            const schema = { enabled: true, catalogs: [], associations: {} };
            const result = message.method === "workspace/configuration" ? message.params.items.map(() => ({ schema })) : null;
            server.send({ jsonrpc: "2.0", id: message.id, result });
        }
    },
});

let asked = 0;
function ask(method, params) {
    return new Promise((answer) => {
        waiting.set(++asked, answer);
        server.send({ jsonrpc: "2.0", id: asked, method, params });
    });
}

const root = `file://${folder}`;
await ask("initialize", {
    processId: null,
    rootUri: root,
    workspaceFolders: [{ uri: root, name: "test" }],
    capabilities: { workspace: { configuration: true, workspaceFolders: true } },
});
server.send({ jsonrpc: "2.0", method: "initialized", params: {} });

const answers = [];
for (const { name, text, position } of JSON.parse(fs.readFileSync(questions, "utf8"))) {
    const uri = `${root}/${name}`;
    const textDocument = { uri, languageId: "toml", version: 1, text };
    server.send({ jsonrpc: "2.0", method: "textDocument/didOpen", params: { textDocument } });
    let labels = [];
    // The schema is read in the background.
    for (let tries = 0; tries < 200 && labels.length === 0; tries++) {
        await new Promise((on) => setTimeout(on, 25));
        const answer = await ask("textDocument/completion", { textDocument: { uri }, position });
        labels = (answer?.items ?? answer ?? []).map((item) => item.label);
    }
    answers.push(labels);
}
console.log(JSON.stringify(answers));
process.exit(0);
