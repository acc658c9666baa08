// A proxy between one test's browser and everything else, which keeps every byte that passes it: more
// than Playwright tells, which loses the answers that a page leaves behind.

import { once } from "node:events";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { brotliDecompressSync } from "node:zlib";
import { test as base } from "./card_page.ts";

/** One request with its answer. */
export interface Exchange {
  /** As in `POST http://localhost:8080/cart`. */
  line: string;
  requestHeaders: string;
  requestBody: Buffer;
  status: number;
  answerHeaders: string;
  /** As the page gets it. */
  answerBody: Buffer;
}

export class Wire {
  readonly exchanges: Exchange[] = [];
  /** Who asked for a tunnel, in which nobody reads along: a WebSocket or HTTPS. */
  readonly tunnels: string[] = [];
  readonly #server = createServer((asked, answer) => this.#pass(asked, answer));

  async open(): Promise<string> {
    this.#server.on("connect", ({ url }, socket) => {
      this.tunnels.push(url!);
      socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    });
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** The one exchange with such a request line. */
  exchange(line: string): Exchange {
    const [found, ...more] = this.exchanges.filter((exchange) => exchange.line === line);
    if (!found || more.length > 0) throw new Error(`${more.length + (found ? 1 : 0)} times ${line}`);
    return found;
  }

  async #pass(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const { method, url } = asked;
    const requestBody = await whole(asked);
    const passed = request(url!, { method, headers: asked.headers });
    passed.on("error", () => answer.destroy());
    passed.end(requestBody);
    const [answered] = (await once(passed, "response")) as [IncomingMessage];
    const body = await whole(answered);
    const isBrotli = answered.headers["content-encoding"] === "br";
    // Before the browser has it: a test that saw its effect finds it here.
    this.exchanges.push({
      line: `${method} ${url}`,
      requestHeaders: asked.rawHeaders.join("\n"),
      requestBody,
      status: answered.statusCode!,
      answerHeaders: answered.rawHeaders.join("\n"),
      answerBody: isBrotli ? brotliDecompressSync(body) : body,
    });
    answer.writeHead(answered.statusCode!, answered.rawHeaders);
    answer.end(body);
  }
}

export const test = base.extend<{ wire: Wire }>({
  wire: async ({}, use) => {
    const wire = new Wire();
    await use(wire);
    wire.close();
  },
  proxy: async ({ wire }, use) => use({ server: await wire.open() }),
});

async function whole(message: IncomingMessage): Promise<Buffer> {
  return Buffer.concat(await message.toArray());
}
