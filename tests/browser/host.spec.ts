// What the merchant's page can do with a mounted form, and what comes of it.

import { readSession, renewToken, reviseSession } from "./stack/merchant.ts";
import { expect, stack, test } from "./card_page.ts";

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

test("a card sealed for a former amount is refused, and the new amount is shown before the next", async ({
  card,
}) => {
  await card.open();
  await expect(card.frame.locator("#merchant")).toHaveText("Test Kitchen");
  const amount = card.frame.locator("#amount");
  await expect(amount).toHaveText("€42.00");
  await card.type();
  await reviseSession(card.session.id, { rev: 1, amount: 9900 });
  await expect(amount).toHaveText("€42.00");
  expect(await card.submit()).toBe("session_changed");
  await expect(amount).toHaveText("€99.00");
  const notice = card.frame.locator("#notice");
  await expect(notice).toHaveText("The order has changed. Check the amount, then pay again.");
  await expect(card.number).toHaveValue("4242 4242 4242 4242");
  expect(await card.submit()).toEqual({ status: "accepted", brand: "visa", last4: "4242" });
  await expect(notice).toBeEmpty();
  expect(await readSession(card.session.id)).toMatchObject({ amount: 9900, attempts: 2, rev: 2 });
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

test("a lost connection is told, and the next submit goes through", async ({ card, page }) => {
  await card.open();
  await card.type();
  const path = `${stack.verifier}/v1/session/card`;
  await page.route(path, (route) => route.abort());
  expect(await card.submit()).toBe("network_error");
  await page.unroute(path);
  expect(await card.submit()).toMatchObject({ status: "accepted" });
});
