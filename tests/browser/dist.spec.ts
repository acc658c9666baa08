// The files that browsers load: there, as the manifest says, and served so that nothing else is run.

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { get, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { createSession } from "./stack/merchant.ts";
import { root } from "./stack/verifier.ts";
import { expect, stack, test } from "./card_page.ts";

interface Manifest {
  version: string;
  bld: string;
  files: { path: string; bytes: number; brotli_bytes: number; sha384: string }[];
}

const dist = join(root, "sdk-wasm/dist");
const manifest: Manifest = JSON.parse(await readFile(join(dist, "manifest.json"), "utf8"));
const assets = manifest.files.filter(({ path }) => path.startsWith("frame/assets/"));
const loaders = manifest.files.filter(({ path }) => /^waxseal\.(js|iife\.js|d\.ts)$/.test(path));

test("what the build promises is there", () => {
  const paths = manifest.files.map(({ path }) => path.replace(/\.[0-9a-f]{16}\./, ".HASH."));
  expect(paths.sort()).toEqual([
    "frame/assets/frame.HASH.css",
    "frame/assets/frame.HASH.js",
    "frame/assets/frame.HASH.wasm",
    "frame/assets/worker.HASH.js",
    "frame/index.html",
    "waxseal.d.ts",
    "waxseal.iife.js",
    "waxseal.js",
  ]);
  expect(manifest.version).toMatch(/^\d+\.\d+\.\d+$/);
});

test("the manifest lists every file, and only those", async () => {
  const entries = await readdir(dist, { recursive: true, withFileTypes: true });
  const found = entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".br"))
    .map((entry) => join(entry.parentPath, entry.name).slice(dist.length + 1));
  expect(found.sort()).toEqual([...manifest.files.map(({ path }) => path), "manifest.json"].sort());
});

for (const { path, bytes, brotli_bytes, sha384 } of manifest.files) {
  test(`${path.replace(/[0-9a-f]{16}/, "HASH")} has its size, its digest and a brotli form`, async () => {
    const content = await readFile(join(dist, path));
    expect(content.length).toBe(bytes);
    expect(digest(content)).toBe(`sha384-${sha384}`);
    const compressed = join(dist, `${path}.br`);
    // No browser loads types.
    expect(existsSync(compressed)).toBe(!path.endsWith(".d.ts"));
    if (path.endsWith(".d.ts")) return;
    const brotli = await readFile(compressed);
    expect(brotli.length).toBe(brotli_bytes);
    expect(brotliDecompressSync(brotli).equals(content)).toBe(true);
  });
}

test("the build has the name of its module's digest", async () => {
  const { path } = assets.find(({ path }) => path.endsWith(".wasm"))!;
  const sha256 = createHash("sha256").update(await readFile(join(dist, path))).digest();
  expect(manifest.bld).toBe(sha256.subarray(0, 16).toString("base64url"));
});

test("the frame's document pins its module, its style and its script", async () => {
  const { id } = await createSession("localhost");
  const { headers, body } = await fetchRaw(`/frame/v1?s=${id}`);
  expect(headers["cache-control"]).toBe("no-store");
  const html = brotliDecompressSync(body).toString();
  const pinned = [...html.matchAll(/<(?:link|script)\b[^>]*>/g)].map(([tag]) => ({
    path: `frame/${/(?:href|src)="([^"]+)"/.exec(tag)?.[1]}`,
    digest: /integrity="([^"]+)"/.exec(tag)?.[1],
  }));
  // No browser takes a digest for a worker: the module, which is pinned, names it by its content.
  const [worker] = assets.filter(({ path }) => path.includes("/worker."));
  const module = await fetchRaw(`/${assets.find(({ path }) => path.includes("/frame.") && path.endsWith(".js"))!.path}`);
  expect(brotliDecompressSync(module.body).toString()).toContain(`"/${worker!.path}"`);
  const documents = assets.filter((asset) => asset !== worker);
  const listed = documents.map(({ path, sha384 }) => ({ path, digest: `sha384-${sha384}` }));
  expect(pinned.sort(byPath)).toEqual(listed.sort(byPath));
  expect(html).toContain(`data-build="${manifest.bld}"`);
  // Nothing is run or drawn that stands in the document itself.
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon[a-z]+=/);
});

for (const { path, bytes, brotli_bytes, sha384 } of [...assets, ...loaders]) {
  const url = path.startsWith("frame/") ? `/${path}` : `/sdk/v${manifest.version}/${path}`;

  test(`${url.replace(/[0-9a-f]{16}/, "HASH")} is served compressed, to be kept for ever`, async () => {
    const { status, headers, body } = await fetchRaw(url);
    expect(status).toBe(200);
    expect(headers["cache-control"]).toBe("public, max-age=31536000, immutable");
    expect(headers["vary"]).toBe("accept-encoding");
    const isCompressed = !path.endsWith(".d.ts");
    expect(headers["content-encoding"]).toBe(isCompressed ? "br" : undefined);
    expect(body.length).toBe(isCompressed ? brotli_bytes : bytes);
    const content = isCompressed ? brotliDecompressSync(body) : body;
    expect(digest(content)).toBe(`sha384-${sha384}`);
    expect(headers["content-type"]).toBe(TYPES[/\.\w+$/.exec(path)![0]]);
    // Merchants' pages pin the loader, which needs CORS; nobody else's page needs the frame's files.
    expect(headers["access-control-allow-origin"]).toBe(path.startsWith("frame/") ? undefined : "*");
  });
}

const TYPES: Record<string, string> = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".ts": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
};

function byPath(one: { path: string }, other: { path: string }): number {
  return one.path < other.path ? -1 : 1;
}

/** The value of an `integrity` attribute. */
function digest(content: Buffer): string {
  return `sha384-${createHash("sha384").update(content).digest("base64")}`;
}

/** What the verifier's public listener answers, as it crossed the wire. */
async function fetchRaw(path: string) {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const headers = { "accept-encoding": "gzip, deflate, br, zstd" };
    get(new URL(path, stack.verifier), { headers }, resolve).on("error", reject);
  });
  const body = Buffer.concat(await response.toArray());
  return { status: response.statusCode, headers: response.headers, body };
}
