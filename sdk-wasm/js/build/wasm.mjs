// Makes wasm-pack's output small: optimises the module, and gives what crosses between it and its
// glue names of one or two letters. wasm-bindgen's own names end in a hash each, which compresses to
// nothing less, in both files.

import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** What every browser with WebAssembly of 2021 on can do; rustc emits no more than this. */
const FEATURES = [
  "bulk-memory",
  "multivalue",
  "mutable-globals",
  "nontrapping-float-to-int",
  "reference-types",
  "sign-ext",
];

/** Writes the small module to `out`; gives the text of the glue that fits it. */
export async function shrink(pkg, out) {
  const printed = execFileSync(
    join(import.meta.dirname, "../node_modules/.bin/wasm-opt"),
    [
      join(pkg, "waxseal_sdk_bg.wasm"),
      "-Oz",
      "--strip-debug",
      "--strip-producers",
      "--minify-imports-and-exports-and-modules",
      ...FEATURES.map((feature) => `--enable-${feature}`),
      "--output",
      out,
    ],
    { encoding: "utf8" },
  );
  return rename(await readFile(join(pkg, "waxseal_sdk.js"), "utf8"), JSON.parse(printed));
}

/** Binaryen calls the one module that is imported from so. */
const IMPORTED_MODULE = "a";

function rename(glue, { imports, exports }) {
  let renamed = glue;
  const replace = (from, to) => {
    renamed = renamed.replaceAll(from, to);
  };
  for (const [module, long, short] of imports) {
    if (!renamed.includes(` ${long}:`)) throw new Error(`the glue gives the module no ${long}`);
    replace(` ${long}:`, ` ${JSON.stringify(short)}:`);
    replace(JSON.stringify(module), JSON.stringify(IMPORTED_MODULE));
  }
  // The longest first: one name may begin another.
  for (const [long, short] of exports.sort(([a], [b]) => b.length - a.length)) {
    replace(`wasm.${long}`, `wasm[${JSON.stringify(short)}]`);
  }
  return renamed;
}
