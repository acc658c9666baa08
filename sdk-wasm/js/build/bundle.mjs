// Turns the wasm module, the TypeScript and the frame's document into what browsers load:
//
//   node sdk-wasm/js/build/bundle.mjs PKG OUT [--without-signals]
//
// PKG is wasm-pack's output, OUT the folder to make. The same input gives the same bytes.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build, transform } from "esbuild";
import { brotli, build22, integrity, shortHash } from "./digests.mjs";
import { shrink } from "./wasm.mjs";

const [pkg, out, option] = process.argv.slice(2);
/** Only to weigh what they cost. */
const withSignals = option !== "--without-signals";
const js = join(import.meta.dirname, "..");
const files = [];

await mkdir(join(out, "frame/assets"), { recursive: true });
const small = join(pkg, "small.wasm");
const glue = await shrink(pkg, small);
const wasm = await readFile(small);
const name = build22(wasm);

await write("waxseal.js", await bundle("host/entry.ts", { format: "esm", target: "es2020" }));
await write(
  "waxseal.iife.js",
  await bundle("host/entry.ts", { format: "iife", globalName: "Waxseal", target: "es2020" }),
);
await write("waxseal.d.ts", await readFile(join(js, "host/waxseal.d.ts")));

const worker = withSignals ? await asset("js", await workerCode(), "worker") : { url: "" };
const assets = {
  css: await asset("css", await minifiedCss()),
  module: await asset("js", await bundle("frame/boot.ts", moduleOptions(worker.url))),
  wasm: await asset("wasm", wasm),
};
await write("frame/index.html", await frameDocument());
await writeFile(join(out, "manifest.json"), `${JSON.stringify(await manifest(), null, 2)}\n`);

function workerCode() {
  return bundle("frame/signals/worker.ts", { format: "iife", target: "es2022" });
}

/** The document's own folder, not the module's, is what a worker's address counts from. */
function moduleOptions(workerUrl) {
  const define = { WORKER_URL: JSON.stringify(`/frame/${workerUrl}`), WITH_SIGNALS: String(withSignals) };
  return { format: "esm", target: "es2022", define };
}

async function bundle(entry, options) {
  const { outputFiles } = await build({
    ...options,
    absWorkingDir: js,
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    legalComments: "none",
    // The glue's default address of the module, which the frame does not use.
    define: { "import.meta.url": "undefined", ...options.define },
    plugins: [{ name: "glue", setup: serveGlue }],
    logLevel: "warning",
  });
  return outputFiles[0].contents;
}

function serveGlue(plugin) {
  plugin.onLoad({ filter: /[\\/]waxseal_sdk\.js$/ }, () => ({ contents: glue, loader: "js" }));
}

async function minifiedCss() {
  const css = await readFile(join(js, "frame/frame.css"), "utf8");
  const { code } = await transform(css, { loader: "css", minify: true, target: "es2022" });
  return Buffer.from(code);
}

async function frameDocument() {
  const template = await readFile(join(js, "frame/index.html"), "utf8");
  const values = { build: name };
  for (const [kind, { url, sri }] of Object.entries(assets)) {
    values[`${kind}.url`] = url;
    values[`${kind}.integrity`] = sri;
  }
  const html = template.replace(/\{\{([a-z.]+)\}\}/g, (_, key) => {
    if (!(key in values)) throw new Error(`index.html asks for ${key}`);
    return values[key];
  });
  return Buffer.from(html.replace(/\n+/g, "\n"));
}

/** A file whose name changes with its content, so that it may be cached for ever. */
async function asset(extension, bytes, stem = "frame") {
  const file = `assets/${stem}.${shortHash(bytes)}.${extension}`;
  await write(`frame/${file}`, bytes);
  return { url: file, sri: integrity(bytes) };
}

/** Writes a file and its brotli form, except for types, which no browser loads. */
async function write(path, bytes) {
  const small = brotli(bytes);
  await writeFile(join(out, path), bytes);
  if (!path.endsWith(".d.ts")) await writeFile(join(out, `${path}.br`), small);
  files.push({
    path,
    bytes: bytes.length,
    brotli_bytes: small.length,
    sha384: integrity(bytes).slice("sha384-".length),
  });
}

async function manifest() {
  const cargo = await readFile(join(js, "../../Cargo.toml"), "utf8");
  const version = /^version = "(.+)"$/m.exec(cargo)?.[1];
  if (!version) throw new Error("Cargo.toml names no version");
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { version, bld: name, files };
}
