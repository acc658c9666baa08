// What a page is told when the verifier does not answer as one: which code, when, and how often.

import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { freePorts } from "./stack/free_ports.ts";
import { createSession } from "./stack/merchant.ts";
import { expect, stack, test as base, type CardPage } from "./card_page.ts";
import { seenTypes, wiretap } from "./wiretap.ts";

/** A document that takes the port and says that it is loaded, or more, with that nonce. */
const taking = (nonce: string, ...types: string[]) => `<!doctype html><script>
addEventListener("message", ({ ports: [port] }) => {
  for (const type of ${JSON.stringify(types)}) port.postMessage({ type, nonce: ${nonce} });
});</script>`;

/** How an origin behaves that is no verifier, by what it does with the request for the frame. */
const PRETENDERS = {
  "answers with a document that says nothing": page("<!doctype html><p>Nothing to see."),
  "answers with an error page": page("<h1>Bad gateway</h1>", 502),
  "answers with nothing": page(""),
  "breaks the connection off": (response: ServerResponse) => void response.destroy(),
  "has another nonce": page(taking('"0123456789abcdefghijkA"', "loaded", "ready")),
  "takes the port and is never ready": page(taking("location.hash.slice(1)", "loaded")),
  "never answers": () => undefined,
};

function page(body: string, status = 200) {
  return (response: ServerResponse) => {
    response.writeHead(status, { "content-type": "text/html" }).end(body);
  };
}

const test = base.extend<{ pretender: (does: keyof typeof PRETENDERS) => Promise<string> }>({
  pretender: async ({}, use) => {
    const servers: Server[] = [];
    await use(async (does) => {
      const server = createServer((_, response) => PRETENDERS[does](response));
      servers.push(server);
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      return `http://localhost:${(server.address() as AddressInfo).port}`;
    });
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
  },
});

interface From {
  verifierOrigin: string;
  /** The origin whose frames the page allows, if it is another. */
  allowed?: string;
  clientToken?: string;
  timeoutMs?: number;
}

/** Opens a page whose clock stands still, and mounts a form from that origin. */
async function mountFrom(card: CardPage, { allowed, ...settings }: From): Promise<void> {
  const { page } = card;
  await wiretap(page);
  await card.goto("localhost", allowed ?? settings.verifierOrigin);
  await page.clock.install({ time: 0 });
  await page.clock.pauseAt(1_000);
  await page.evaluate(() => {
    const loads: string[] = [];
    Object.assign(window, { loads });
    document.addEventListener("load", ({ target }) => loads.push((target as Element).tagName), true);
  });
  await card.mount(settings);
}

async function expectLoaded({ page }: CardPage): Promise<void> {
  await expect.poll(() => page.evaluate(() => (window as any).loads)).toEqual(["IFRAME"]);
}

/** The code comes when that much time has passed and not before, once, and ends every submit. */
async function expectOnly(card: CardPage, code: string, afterMs: number): Promise<void> {
  const { clock } = card.page;
  const submit = card.submit();
  await clock.runFor(afterMs - 1);
  expect(await card.events()).toEqual([]);
  await clock.runFor(1);
  expect(await card.events()).toEqual([{ type: "error", code }]);
  expect(await submit).toBe(code);
  await clock.runFor(60_000);
  expect(await card.events()).toEqual([{ type: "error", code }]);
  expect(await card.submit()).toBe(code);
}

for (const does of [
  "answers with a document that says nothing",
  "answers with an error page",
  "answers with nothing",
  "breaks the connection off",
] as const) {
  test(`a verifier that ${does} is a frame_load_failed`, async ({ card, pretender }) => {
    await mountFrom(card, { verifierOrigin: await pretender(does) });
    await expectLoaded(card);
    await expectOnly(card, "frame_load_failed", 3_000);
  });
}

test("a verifier that has another nonce is a frame_load_failed", async ({ card, pretender }) => {
  await mountFrom(card, { verifierOrigin: await pretender("has another nonce") });
  await expect.poll(() => seenTypes(card.page)).toEqual(["loaded", "ready"]);
  await expectOnly(card, "frame_load_failed", 3_000);
});

test("a verifier where nobody listens is a frame_load_failed", async ({ card }) => {
  const [port] = await freePorts(1);
  await mountFrom(card, { verifierOrigin: `http://localhost:${port}` });
  await expectLoaded(card);
  await expectOnly(card, "frame_load_failed", 3_000);
});

test("a verifier that the page's own policy forbids is a frame_load_failed", async ({ card }) => {
  await mountFrom(card, { verifierOrigin: stack.verifier, allowed: "'none'" });
  await expectLoaded(card);
  await expect(card.frame.locator("#main")).toHaveCount(0);
  await expectOnly(card, "frame_load_failed", 3_000);
});

test("a verifier whose policy forbids the page is a frame_load_failed", async ({ card }) => {
  const { client_token } = await createSession("127.0.0.1");
  await mountFrom(card, { verifierOrigin: stack.verifier, clientToken: client_token });
  await expectLoaded(card);
  await expect(card.frame.locator("#main")).toHaveCount(0);
  await expectOnly(card, "frame_load_failed", 3_000);
});

for (const [given, timeoutMs] of [[{}, 15_000], [{ timeoutMs: 1_000 }, 1_000]] as const) {
  test(`a verifier that never answers is a frame_timeout after ${timeoutMs} ms`, async ({
    card,
    pretender,
  }) => {
    await mountFrom(card, { verifierOrigin: await pretender("never answers"), ...given });
    await expectOnly(card, "frame_timeout", timeoutMs);
  });
}

test("a verifier that takes the port and is never ready is a frame_timeout", async ({
  card,
  pretender,
}) => {
  await mountFrom(card, { verifierOrigin: await pretender("takes the port and is never ready") });
  await expect.poll(() => seenTypes(card.page)).toEqual(["loaded"]);
  await expectOnly(card, "frame_timeout", 15_000);
});
