// Windows that pretend to be another in the handshake: a third one to the frame, and one to the page.

import { createSession } from "./stack/merchant.ts";
import { expect, stack, test } from "./card_page.ts";
import { withoutFrameAncestors } from "./open_framing.ts";
import { seenTypes, wiretap } from "./wiretap.ts";

const NONCE = "0123456789abcdefghijkA";

test("a third window that forges the frame's messages is not heard by the page", async ({ card, page }) => {
  await card.open();
  await card.type();
  const before = await card.events();
  const opened = page.waitForEvent("popup");
  await page.evaluate(() => void window.open("about:blank"));
  const popup = await opened;
  const nonce = new URL((await page.locator("#card iframe").getAttribute("src"))!).hash.slice(1);
  await page.evaluate(() => {
    Object.assign(window, { arrived: 0 });
    addEventListener("message", () => (window as any).arrived++);
  });
  const forged = ["loaded", "ready", "result", "error", "change", "resize"].map((type) => ({
    type, nonce, id: 1, status: "accepted", brand: "visa", last4: "0000", code: "internal", fatal: true, height: 9,
  }));
  await popup.evaluate((forged) => {
    for (const message of forged) window.opener.postMessage(message, "*", [new MessageChannel().port2]);
  }, forged);
  await expect.poll(() => page.evaluate(() => (window as any).arrived)).toBe(forged.length);
  expect(await card.events()).toEqual(before);
  expect(await card.submit()).toEqual({ status: "accepted", brand: "visa", last4: "4242" });
});

test("a page of no origin is refused by the frame itself, whatever token it has", async ({ page }) => {
  await withoutFrameAncestors(page);
  await wiretap(page);
  const { id, client_token } = await createSession("localhost");
  // A sandboxed one would take the origin from the frame too, which then gets no module.
  await page.goto("data:text/html,<!doctype html><title>No origin</title>");
  expect(await page.evaluate(() => self.origin)).toBe("null");
  await page.evaluate(
    ({ src, hello }) => {
      const iframe = document.createElement("iframe");
      document.body.append(iframe);
      iframe.src = src;
      iframe.addEventListener("load", () => {
        const { port1, port2 } = new MessageChannel();
        port1.start();
        iframe.contentWindow!.postMessage(hello, "*", [port2]);
      });
    },
    {
      src: `${stack.verifier}/frame/v1?s=${id}#${NONCE}`,
      hello: { waxseal: "hello", nonce: NONCE, clientToken: client_token },
    },
  );
  const frame = page.frameLocator("iframe");
  await expect(frame.getByText("(origin_mismatch)")).toBeVisible();
  await expect(frame.locator("input")).toHaveCount(0);
  expect(await seenTypes(page)).not.toContain("ready");
});

test("the top of nested windows is not heard in its child's place", async ({ card, page }) => {
  await card.goto("localhost", `http://localhost:${stack.hostPort} ${stack.verifier}`);
  const query = new URLSearchParams({ "frame-src": stack.verifier });
  const { id, client_token } = await createSession("localhost");
  await page.evaluate((src) => {
    const iframe = document.createElement("iframe");
    document.querySelector("#card")!.append(iframe);
    iframe.src = src;
    return new Promise((loaded) => iframe.addEventListener("load", loaded));
  }, `/?${query}`);
  const middle = page.mainFrame().childFrames()[0]!;
  await middle.evaluate((src) => {
    const iframe = document.createElement("iframe");
    document.querySelector("#card")!.append(iframe);
    iframe.src = src;
    return new Promise((loaded) => iframe.addEventListener("load", loaded));
  }, `${stack.verifier}/frame/v1?s=${id}#${NONCE}`);
  const hello = { waxseal: "hello", nonce: NONCE, clientToken: client_token };
  const greet = (isTop: boolean) => {
    const from = isTop ? page.mainFrame() : middle;
    return from.evaluate(
      ({ hello, isTop, origin }) => {
        const told: string[] = [];
        const { port1, port2 } = new MessageChannel();
        Object.assign(window, { told });
        port1.onmessage = ({ data }) => told.push(data.type);
        const frame = isTop ? window.frames[0]!.frames[0]! : window.frames[0]!;
        frame.postMessage(hello, origin, [port2]);
      },
      { hello, isTop, origin: stack.verifier },
    );
  };
  await greet(true);
  // The parent's, which came later, is the one that is taken.
  await greet(false);
  await expect.poll(() => middle.evaluate(() => (window as any).told)).toContain("ready");
  expect(await page.evaluate(() => (window as any).told)).toEqual([]);
});
