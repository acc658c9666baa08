// A merchant's server for pages with nothing but a card form, under a strict policy.

import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { Stack } from "./stack.ts";

const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Checkout</title><script type="module" src="/host.js"></script>
<main><h1>Checkout</h1><div id="card"></div><div id="second"></div></main></html>`;

/** The same with the loader as a classic script, which the query names with its digest. */
function classicPage(loader: string): string {
  return PAGE.replace('<script type="module" src="/host.js">', `<script crossorigin ${loader}>`);
}

/**
 * Serves the pages until it is closed. Queries make other ones: `frame-src` is what the page's policy
 * lets it frame, `loader` the attributes of a classic script, `isolated` an embedder policy.
 */
export async function serveHostPages(stack: Pick<Stack, "verifier" | "hostPort">): Promise<Server> {
  const script = `import * as waxseal from "${stack.verifier}/sdk/v0.1.0/waxseal.js";
window.waxseal = waxseal; window.isLoaded = true;`;
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url!, "http://localhost");
    const policy = [
      "default-src 'none'",
      `script-src 'self' ${stack.verifier}`,
      `frame-src ${searchParams.get("frame-src") ?? stack.verifier}`,
      "style-src 'self'",
      "base-uri 'none'",
    ].join("; ");
    const loader = searchParams.get("loader");
    const isScript = pathname === "/host.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    response.setHeader("content-security-policy", policy);
    if (searchParams.has("isolated")) {
      response.setHeader("cross-origin-embedder-policy", "require-corp");
      response.setHeader("cross-origin-opener-policy", "same-origin");
    }
    response.end(isScript ? script : loader ? classicPage(loader) : PAGE);
  });
  server.listen(stack.hostPort, "127.0.0.1");
  await once(server, "listening");
  return server;
}
