// Says what a browser loads, compressed: node report.mjs dist/manifest.json

import { readFile } from "node:fs/promises";

const { files } = JSON.parse(await readFile(process.argv[2], "utf8"));
const sum = (prefix) =>
  files
    .filter(({ path }) => path.startsWith(prefix))
    .reduce((bytes, file) => bytes + file.brotli_bytes, 0);
console.log(`build: the frame is ${sum("frame/")} bytes with brotli, the loader ${sum("waxseal.js")}`);
