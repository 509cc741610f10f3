// Runs the extension as VS Code does, as far as that goes without VS Code, and prints what it would start and tell.

"use strict";

const Module = require("node:module");
const [extension, configured] = process.argv.slice(2);
const settings = JSON.parse(configured);
const started = [];

const configuration = { ...settings, get: (name) => settings[name] };
const vscode = {
    commands: {},
    Uri: {},
    window: { showTextDocument: async (document) => started.push({ shown: document.content }) },
    workspace: {
        getConfiguration: () => configuration,
        createFileSystemWatcher: (pattern) => ({ pattern }),
        onDidChangeConfiguration: () => ({ dispose() {} }),
        openTextDocument: async ({ content }) => ({ content }),
    },
};
class LanguageClient {
    constructor(id, name, server, client) {
        this.client = client;
        started.push({ server, options: client.initializationOptions, selector: client.documentSelector });
    }
    async start() {
        await this.client.middleware.executeCommand("seccfg.plan", [], async () => "the plan");
    }
    async stop() {}
}
const load = Module._load;
Module._load = (name, ...rest) => {
    if (name === "vscode") return vscode;
    if (name === "vscode-languageclient/node") return { LanguageClient };
    return load(name, ...rest);
};

const { activate, deactivate } = require(extension);
activate({ subscriptions: [] })
    .then(deactivate)
    .then(() => console.log(JSON.stringify(started)));
