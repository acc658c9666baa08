// What the merchant's page learns and can do: state without digits, one channel, stable codes.

import type { Page } from "@playwright/test";
import { createSession, readSession, renewToken, reviseSession } from "./stack/merchant.ts";
import { expect, stack, test } from "./card_page.ts";

const MAESTRO = "6799990100000000019";

/** Records every message that reaches the page's window, and everything a port hands it. */
async function wiretap(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const seen: string[] = [];
    Object.assign(window, { seen });
    const note = (event: MessageEvent) => seen.push(JSON.stringify(event.data));
    window.addEventListener("message", note, true);
    const Channel = window.MessageChannel;
    window.MessageChannel = class extends Channel {
      constructor() {
        super();
        this.port1.addEventListener("message", note);
        this.port2.addEventListener("message", note);
      }
    };
  });
}

const seen = (page: Page): Promise<string[]> => page.evaluate(() => (window as any).seen);

for (const host of ["localhost", "127.0.0.1"] as const) {
  test(`on ${host} the page learns no digit but the last four of an accepted card`, async ({
    card,
    page,
  }) => {
    await wiretap(page);
    await card.open({ host });
    await card.number.focus();
    await page.keyboard.type(MAESTRO);
    await card.number.focus();
    await page.keyboard.press("End");
    for (let i = 0; i < MAESTRO.length; i++) await page.keyboard.press("Backspace");
    await expect(card.number).toHaveValue("");
    await card.type({ number: MAESTRO });
    await expect.poll(async () => (await card.state())?.complete).toBe(true);

    for (const event of await card.events()) {
      if (event.type !== "change") continue;
      expect(Object.keys(event.state).sort()).toEqual(["brand", "complete", "errors", "valid"]);
      expect(JSON.stringify(event.state)).not.toMatch(/\d/);
    }
    const before = (await seen(page)).filter((message) => !message.includes("hello"));
    for (const message of before) {
      expect(message.replace(/"(height|id|nonce)":("[^"]*"|[\d.]+)/g, "")).not.toMatch(/\d{2}/);
    }
    expect(await card.submit()).toEqual({ status: "accepted", brand: "maestro", last4: "0019" });
    for (const message of await seen(page)) expect(message).not.toContain("679999");
  });
}

test("a second submit of the same card gets the same answer", async ({ card }) => {
  await card.open();
  await card.type();
  const first = await card.submit();
  expect(first).toEqual({ status: "accepted", brand: "visa", last4: "4242" });
  expect(await card.submit()).toEqual(first);
  expect((await readSession(card.session.id)).attempts).toBe(2);
});

test("two submits at once are one envelope", async ({ card, page }) => {
  await card.open();
  await card.type();
  const both = await page.evaluate(() => {
    const { card } = window.mounts[0]!;
    const code = (error: { code: string }) => error.code;
    return Promise.all([card.submit().catch(code), card.submit().catch(code)]);
  });
  expect(both).toContain("submit_in_progress");
  expect((await readSession(card.session.id)).attempts).toBe(1);
});

test("a card sealed for a former amount is refused", async ({ card }) => {
  await card.open();
  await card.type();
  await reviseSession(card.session.id, { rev: 1, amount: 9900 });
  expect(await card.submit()).toBe("session_changed");
});

test("a renewed token goes on without a remount", async ({ card }) => {
  await card.open();
  await card.type();
  await card.update(await renewToken(card.session.id));
  expect(await card.submit()).toMatchObject({ status: "accepted" });
});

test("several forms on a page do not disturb each other", async ({ card, page }) => {
  await card.open();
  await card.mount({ target: "#second" });
  await expect(page.frameLocator("#second iframe").getByLabel("Card number")).toBeVisible();
  await card.type();
  await expect.poll(async () => (await card.state(0))?.complete).toBe(true);
  expect((await card.state(1))?.complete).toBe(false);
});

test("unmounting twice leaves nothing and ends what waits", async ({ card, page }) => {
  await card.open();
  await card.call("unmount");
  await card.call("unmount");
  await expect(page.locator("iframe")).toHaveCount(0);
  expect(await card.submit()).toBe("unmounted");
});

test("messages that the page forges do nothing", async ({ card, page }) => {
  await card.open();
  await card.type();
  await page.evaluate(() => {
    const frame = document.querySelector<HTMLIFrameElement>("#card iframe")!.contentWindow!;
    for (const type of ["submit", "clear", "result", "ready"]) {
      frame.postMessage({ type, waxseal: type, id: 1 }, "*");
      window.postMessage({ type, waxseal: type, status: "accepted", brand: "visa", last4: "0000" }, "*");
    }
    const { port1 } = new MessageChannel();
    frame.postMessage({ waxseal: "hello", nonce: "A".repeat(22), clientToken: "x" }, "*", [port1]);
  });
  await expect(card.number).toHaveValue("4242 4242 4242 4242");
  expect(await card.submit()).toEqual({ status: "accepted", brand: "visa", last4: "4242" });
});

test("a page of another origin than the session's gets no form", async ({ card, page }) => {
  await card.goto("localhost");
  const { client_token } = await createSession("127.0.0.1");
  await card.mount({ clientToken: client_token, timeoutMs: 3000 });
  await expect.poll(() => card.errors(), { timeout: 10_000 }).not.toEqual([]);
  await expect(page.frameLocator("#card iframe").getByLabel("Card number")).toHaveCount(0);
});

test("a verifier that does not answer is a stable code", async ({ card }) => {
  await card.goto();
  await card.mount({ verifierOrigin: "http://localhost:1", timeoutMs: 1500 });
  await expect.poll(() => card.errors()).not.toEqual([]);
  expect(["frame_timeout", "frame_load_failed"]).toContain((await card.errors())[0]);
});

test("a lost connection is told, and the next submit goes through", async ({ card, page }) => {
  await card.open();
  await card.type();
  const path = `${stack.verifier}/v1/session/card`;
  await page.route(path, (route) => route.abort());
  expect(await card.submit()).toBe("network_error");
  await page.unroute(path);
  expect(await card.submit()).toMatchObject({ status: "accepted" });
});
