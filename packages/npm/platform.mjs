// Makes the package of one machine: `node packages/npm/platform.mjs PROGRAM linux x64 FOLDER`.
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [program, os, cpu, folder] = process.argv.slice(2);
const name = `@seccfg/${os}-${cpu}`;
const main = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));
if (!folder || !(name in main.optionalDependencies)) {
  console.error(`usage: platform.mjs PROGRAM OS CPU FOLDER, for one of ${Object.keys(main.optionalDependencies).join(", ")}`);
  process.exit(2);
}
const file = os === "win32" ? "seccfg.exe" : "seccfg";
const { version, license } = main;
mkdirSync(folder, { recursive: true });
copyFileSync(program, join(folder, file));
chmodSync(join(folder, file), 0o755);
const description = `The program of seccfg for ${os} on ${cpu}`;
const manifest = { name, version, description, license, os: [os], cpu: [cpu], files: [file], preferUnplugged: true };
writeFileSync(join(folder, "package.json"), JSON.stringify(manifest, null, 2) + "\n");
