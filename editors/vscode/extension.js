// Starts `seccfg lsp` and hands it what VS Code has open. Everything that is told comes from there.

"use strict";

const { commands, window, workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

// What the server takes as its settings.
function settings() {
    const { envFiles, allModes } = workspace.getConfiguration("seccfg");
    return { envFiles, allModes };
}

// A click on the line above a section: the server answers with the plan, which is shown beside the profile.
async function showPlan(command, args, next) {
    const plan = await next(command, args);
    if (command === "seccfg.plan") {
        const content = plan ?? "Errors in the profile keep it from being planned.";
        const document = await workspace.openTextDocument({ language: "plaintext", content });
        await window.showTextDocument(document, { preview: true, viewColumn: -2 });
    }
    return plan;
}

exports.activate = async function activate(context) {
    const command = workspace.getConfiguration("seccfg").get("path") || "seccfg";
    client = new LanguageClient(
        "seccfg",
        "seccfg",
        { command, args: ["lsp"] },
        {
            documentSelector: [
                { scheme: "file", pattern: "**/*.toml" },
                { scheme: "untitled", language: "toml" },
                { scheme: "file", pattern: "**/{.env,.env.*,*.env}" },
            ],
            initializationOptions: settings(),
            synchronize: { fileEvents: workspace.createFileSystemWatcher("**/{*.toml,.env,.env.*,*.env}") },
            middleware: { executeCommand: showPlan },
        },
    );
    context.subscriptions.push(
        workspace.onDidChangeConfiguration((event) => {
            if (event.affectsConfiguration("seccfg")) {
                client.sendNotification("workspace/didChangeConfiguration", { settings: settings() });
            }
        }),
    );
    try {
        await client.start();
    } catch {
        const open = "Open the setting";
        const chosen = await window.showErrorMessage(
            `seccfg: the program "${command}" does not start. Install it, such as by "pipx install seccfg", or write in "seccfg.path" where it is.`,
            open,
        );
        if (chosen === open) {
            await commands.executeCommand("workbench.action.openSettings", "seccfg.path");
        }
    }
};

exports.deactivate = function deactivate() {
    return client?.stop();
};
