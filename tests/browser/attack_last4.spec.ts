// A hostile page with a client token that is after brands and last fours of cards which it has not just
// been given.

import type { Page } from "@playwright/test";
import { createSession, readSession, renewToken } from "./stack/merchant.ts";
import { expect, stack, test } from "./card_page.ts";
import { freshCard } from "./card_traces.ts";
import { seen, wiretap } from "./wiretap.ts";

/** What the page can ask the verifier with that token: an answer's text, or that it may not read it. */
function askFromPage(page: Page, token: string, method: string, path: string): Promise<string> {
  return page.evaluate(
    ({ url, token, method }) =>
      fetch(url, { method, headers: { authorization: `Bearer ${token}` } }).then(
        (answer) => answer.text(),
        (error) => (error as Error).name,
      ),
    { url: `${stack.verifier}${path}`, token, method },
  );
}

/** The same without a browser in the way. */
async function askFromServer(token: string, method: string, path: string): Promise<string> {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${stack.verifier}${path}`, { method, headers });
  return answer.text();
}

/** What a page is told over ports, in its own view of time, and by the frame's measures. */
async function leaks(page: Page): Promise<string> {
  const view = await page.evaluate(() => ({
    timings: performance.getEntries().map(({ name, entryType }) => [entryType, name]),
    frame: [frames[0]!.length, frames.length],
  }));
  return JSON.stringify([await seen(page), view]);
}

test("the token of a paid session tells nothing of its card", async ({ card, page }) => {
  const { pan } = freshCard("555555", 16, 3);
  const last4 = pan.slice(-4);
  await card.open();
  await card.type({ number: pan });
  expect(await card.submit()).toEqual({ status: "accepted", brand: "mastercard", last4 });
  const stored = await readSession(card.session.id);
  expect(stored.card.last4).toBe(last4);
  for (const token of [card.session.client_token, await renewToken(card.session.id)]) {
    for (const [method, path] of [
      ["GET", "/v1/session"],
      ["GET", `/v1/sessions/${card.session.id}`],
      ["GET", "/v1/cards"],
      ["GET", `/v1/cards/${stored.card.id}`],
      ["POST", `/v1/cards/${stored.card.id}/reveal`],
      ["POST", "/v1/session/card"],
    ] as const) {
      expect(await askFromPage(page, token, method, path), path).toBe("TypeError");
      const told = await askFromServer(token, method, path);
      expect(told, path).not.toContain(`"${last4}"`);
      expect(told, path).not.toContain('"last4"');
    }
  }
});

test("a form mounted after somebody has paid tells nothing of their card", async ({ card, page }) => {
  const { pan } = freshCard("555555", 16, 3);
  await card.open();
  await card.type({ number: pan });
  expect(await card.submit()).toMatchObject({ status: "accepted" });
  const paid = card.session;
  await wiretap(page);
  // Of the same session, and of another of the same merchant, in the same browser.
  for (const clientToken of [await renewToken(paid.id), (await createSession("localhost")).client_token]) {
    await card.goto();
    await card.mount({ clientToken });
    await expect.poll(async () => (await card.events()).length).toBeGreaterThan(0);
    expect(await card.submit()).toBe("card_number_incomplete");
    const told = await leaks(page);
    expect(told).toContain("loaded");
    for (const secret of [pan.slice(-4), "last4", "mastercard"]) expect(told).not.toContain(secret);
  }
});

test("before a card is sent no message, event, size or timing tells it from another", async ({
  card,
  page,
}) => {
  await wiretap(page);
  const told: unknown[] = [];
  for (const number of [freshCard("424242", 16, 3).pan, freshCard("424242", 16, 3).pan]) {
    await card.open();
    await page.evaluate(() => {
      const sizes: number[] = [];
      Object.assign(window, { sizes });
      new ResizeObserver(([entry]) => sizes.push(entry!.contentRect.height))
        .observe(document.querySelector("iframe")!);
    });
    await card.type({ number });
    await expect.poll(async () => (await card.state())?.complete).toBe(true);
    const messages = (await seen(page)).map((message) => message.replace(/"nonce":"[\w-]{22}"/g, ""));
    const view = await page.evaluate((origin) => ({
      sizes: (window as any).sizes,
      timings: performance.getEntries().map(({ name, entryType }) => [entryType, name])
        .filter(([type, name]) => type === "resource" && name!.startsWith(origin))
        .map(([, name]) => name!.replace(/[?#].*/, "")).sort(),
      title: document.title,
      selection: String(getSelection()),
      active: document.activeElement!.tagName,
    }), stack.verifier);
    expect(messages.join("\n")).not.toContain(number.slice(-4));
    expect(JSON.stringify(view)).not.toContain(number.slice(-4));
    told.push({ messages, view, events: await card.events() });
  }
  expect(told[1]).toEqual(told[0]);
});
