// Digests of what browsers load, and its compressed form.

import { createHash } from "node:crypto";
import { brotliCompressSync, constants } from "node:zlib";

/** Part of a hashed file name. */
export function shortHash(bytes) {
  return createHash("sha256").update(bytes).digest("hex").slice(0, 16);
}

/** The `bld` of an envelope: the first 16 bytes of the module's SHA-256, base64url. */
export function build22(wasm) {
  return createHash("sha256").update(wasm).digest().subarray(0, 16).toString("base64url");
}

/** The value of an `integrity` attribute (Subresource Integrity). */
export function integrity(bytes) {
  return `sha384-${createHash("sha384").update(bytes).digest("base64")}`;
}

export function brotli(bytes) {
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_LGWIN]: 22,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  return brotliCompressSync(bytes, { params });
}
