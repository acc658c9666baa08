// Who may speak to the frame: the window around it, once, with the nonce that it put into its address.

import type { Frame, Page } from "@playwright/test";
import { createSession } from "./stack/merchant.ts";
import { expect, stack, test, type CardPage } from "./card_page.ts";

const NONCE = "0123456789abcdefghijkA";

declare global {
  interface Window {
    /** Messages that reached the frame's window. */
    heard: unknown[];
    /** What came back over the port of each hello, in order of the hellos. */
    answers: { type: string }[][];
  }
}

interface Hello {
  waxseal: string;
  nonce: string;
  clientToken: string;
}

/** Where the frame is, from the window that speaks. */
type Way = "child" | "itself" | "opener's child" | "sibling";

/** Says hello from that window, with a port of its own. */
function greet(from: Frame | Page, way: Way, hello: Hello): Promise<void> {
  return from.evaluate(
    ({ way, hello, origin }) => {
      const frame = {
        child: () => window.frames[0]!,
        itself: () => window,
        "opener's child": () => window.opener.frames[0],
        sibling: () => window.parent.frames[0]!,
      }[way]();
      const { port1, port2 } = new MessageChannel();
      const answers: { type: string }[] = [];
      (window.answers ??= []).push(answers);
      port1.onmessage = ({ data }) => answers.push(data);
      frame.postMessage(hello, origin, [port2]);
    },
    { way, hello, origin: stack.verifier },
  );
}

function answers(to: Frame | Page): Promise<string[][]> {
  return to.evaluate(() => window.answers.map((of) => of.map(({ type }) => type)));
}

/** Puts the frame into the page without the loader, so that nobody has spoken to it. */
async function embed(card: CardPage, nonce = NONCE): Promise<{ frame: Frame; hello: Hello }> {
  await card.goto();
  const { id, client_token } = await createSession("localhost");
  await card.page.evaluate(
    (src) => {
      const iframe = document.createElement("iframe");
      document.querySelector("#card")!.append(iframe);
      iframe.src = src;
      return new Promise((loaded) => iframe.addEventListener("load", loaded));
    },
    `${stack.verifier}/frame/v1?s=${id}#${nonce}`,
  );
  const frame = card.page.frames().find((frame) => frame.url().startsWith(stack.verifier))!;
  await frame.evaluate(() => {
    window.heard = [];
    addEventListener("message", ({ data }) => window.heard.push(data));
  });
  return { frame, hello: { waxseal: "hello", nonce, clientToken: client_token } };
}

/** Waits until the frame's window got that many messages, whatever it made of them. */
async function expectHeard(frame: Frame | Page, count: number): Promise<void> {
  await expect.poll(() => frame.evaluate(() => window.heard.length)).toBe(count);
}

/** The embedding page's own hello is answered, so what came before it was not. */
async function expectOwnHelloTaken(card: CardPage, hello: Hello): Promise<void> {
  await greet(card.page, "child", hello);
  await expect(card.number).toBeVisible();
  const lastOf = async () => (await answers(card.page)).at(-1);
  await expect.poll(lastOf).toEqual(expect.arrayContaining(["loaded", "ready"]));
}

test("the window around the frame is answered", async ({ card }) => {
  const { hello } = await embed(card);
  await expect(card.number).toHaveCount(0);
  await expectOwnHelloTaken(card, hello);
});

test("another frame of the page is not, even with the nonce", async ({ card, page }) => {
  const { frame, hello } = await embed(card);
  await page.evaluate(() => document.querySelector("#second")!.append(document.createElement("iframe")));
  const sibling = page.mainFrame().childFrames()[1]!;
  await greet(sibling, "sibling", hello);
  await expectHeard(frame, 1);
  await expectOwnHelloTaken(card, hello);
  expect(await answers(sibling)).toEqual([[]]);
});

test("a window that the page opened is not, even with the nonce", async ({ card, page }) => {
  const { frame, hello } = await embed(card);
  const opened = page.waitForEvent("popup");
  await page.evaluate(() => void window.open("about:blank"));
  const popup = await opened;
  await greet(popup, "opener's child", hello);
  await expectHeard(frame, 1);
  await expectOwnHelloTaken(card, hello);
  expect(await answers(popup)).toEqual([[]]);
});

for (const [what, wrong] of [
  ["another nonce", { nonce: "0123456789abcdefghijkQ" }],
  ["no nonce", { nonce: "" }],
  ["another word", { waxseal: "hallo" }],
] as const) {
  test(`a hello with ${what} is not answered`, async ({ card, page }) => {
    const { frame, hello } = await embed(card);
    await greet(page, "child", { ...hello, ...wrong });
    await expectHeard(frame, 1);
    await expectOwnHelloTaken(card, hello);
    expect((await answers(page))[0]).toEqual([]);
  });
}

test("a frame without a nonce in its address answers nobody", async ({ card, page }) => {
  const { frame, hello } = await embed(card, "");
  await greet(page, "child", hello);
  await expectHeard(frame, 1);
  await page.waitForLoadState("networkidle");
  expect(await answers(page)).toEqual([[]]);
  await expect(card.number).toHaveCount(0);
});

test("a frame that has its port takes no second one", async ({ card, page }) => {
  const { frame, hello } = await embed(card);
  await expectOwnHelloTaken(card, hello);
  await greet(page, "child", hello);
  await expectHeard(frame, 2);
  await card.type();
  const [first, second] = await answers(page);
  expect(first).toContain("change");
  expect(second).toEqual([]);
});

test("a second hello does not disturb what the loader mounted", async ({ card, page }) => {
  await card.open();
  await card.type();
  const nonce = new URL((await page.locator("#card iframe").getAttribute("src"))!).hash.slice(1);
  expect(nonce).toMatch(/^[\w-]{22}$/);
  const { client_token } = await createSession("localhost");
  await greet(page, "child", { waxseal: "hello", nonce, clientToken: client_token });
  expect(await card.submit()).toEqual({ status: "accepted", brand: "visa", last4: "4242" });
  expect(await answers(page)).toEqual([[]]);
});

test("a frame that stands in no page shows no form", async ({ page }) => {
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  const { id, client_token } = await createSession("localhost");
  await page.addInitScript(() => {
    window.heard = [];
    addEventListener("message", ({ data }) => window.heard.push(data));
  });
  await page.goto(`${stack.verifier}/frame/v1?s=${id}#${NONCE}`);
  await expect(page.locator("#main")).toHaveAttribute("aria-busy", "true");
  // Its own parent is itself.
  await greet(page, "itself", { waxseal: "hello", nonce: NONCE, clientToken: client_token });
  await expectHeard(page, 1);
  await page.waitForLoadState("networkidle");
  expect(asked).toContain("/frame/v1");
  expect(asked).not.toContain("/v1/session");
  expect(await answers(page)).toEqual([[]]);
  await expect(page.locator("input")).toHaveCount(0);
});
