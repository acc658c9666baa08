// Clickjacking: the frame, or the shop's page with the frame in it, inside a page of somebody else.

import type { Frame, Page } from "@playwright/test";
import { createSession } from "./stack/merchant.ts";
import { expect, stack, test } from "./card_page.ts";

const HOSTILE = `http://127.0.0.1:${stack.hostPort}`;
const SHOP = `http://localhost:${stack.hostPort}`;
const NONCE = "0123456789abcdefghijkA";

/** Puts a frame into that document and gives it. */
async function embed(into: Page | Frame, src: string, sandbox?: string): Promise<Frame> {
  const element = await into.evaluateHandle(
    ({ src, sandbox }) => {
      const iframe = document.createElement("iframe");
      if (sandbox !== undefined) iframe.setAttribute("sandbox", sandbox);
      iframe.src = src;
      document.querySelector("#card")!.append(iframe);
      return new Promise<HTMLIFrameElement>((resolve) => {
        iframe.addEventListener("load", () => resolve(iframe), { once: true });
      });
    },
    { src, sandbox },
  );
  return (await element.asElement()!.contentFrame())!;
}

/** A page of that origin whose policy lets it frame anything of the test's. */
async function openPage(page: Page, origin: string): Promise<void> {
  await page.goto(pageOf(origin));
  await page.waitForFunction(() => window.isLoaded);
}

function pageOf(origin: string): string {
  const sources = `${SHOP} ${HOSTILE} ${stack.verifier}`;
  return `${origin}/?${new URLSearchParams({ "frame-src": sources })}`;
}

/** A card frame's address, of a session for the shop's page. */
async function cardFrame(): Promise<string> {
  const { id } = await createSession("localhost");
  return `${stack.verifier}/frame/v1?s=${id}#${NONCE}`;
}

/** A refused document is the browser's own error page. */
async function expectRefused(frame: Frame): Promise<void> {
  await expect.poll(() => frame.url()).toMatch(/^chrome-error:/);
  await expect(frame.locator("#main")).toHaveCount(0);
}

test("the shop's own page, and a page of its own in it, may frame the form", async ({ page }) => {
  await openPage(page, SHOP);
  const shown = await embed(page, await cardFrame());
  await expect(shown.locator("#main")).toHaveCount(1);
  const inner = await embed(page, pageOf(SHOP));
  const nested = await embed(inner, await cardFrame());
  await expect(nested.locator("#main")).toHaveCount(1);
});

test("a page of another origin may not frame it", async ({ page }) => {
  await openPage(page, HOSTILE);
  await expectRefused(await embed(page, await cardFrame()));
});

test("nor frame the shop's page around it", async ({ page }) => {
  await openPage(page, HOSTILE);
  const shop = await embed(page, pageOf(SHOP));
  await expectRefused(await embed(shop, await cardFrame()));
});

test("nor stand between the shop's page and it", async ({ page }) => {
  await openPage(page, SHOP);
  const hostile = await embed(page, pageOf(HOSTILE));
  await expectRefused(await embed(hostile, await cardFrame()));
});

test("a sandboxed page of no origin may not frame it, the shop's own either", async ({ page }) => {
  await openPage(page, SHOP);
  const sandboxed = await embed(page, pageOf(SHOP), "allow-scripts");
  expect(await sandboxed.evaluate(() => self.origin)).toBe("null");
  await expectRefused(await embed(sandboxed, await cardFrame()));
});

test("a form mounted inside a stranger's page is a frame_load_failed", async ({ page }) => {
  await openPage(page, HOSTILE);
  const shop = await embed(page, pageOf(SHOP));
  await shop.waitForFunction(() => window.isLoaded);
  const { client_token } = await createSession("localhost");
  const code = await shop.evaluate(
    ({ clientToken, verifierOrigin }) =>
      new Promise((resolve) => {
        const onError = ({ code }: { code: string }) => resolve(code);
        window.waxseal.mount("#card", { clientToken, verifierOrigin, onError });
      }),
    { clientToken: client_token, verifierOrigin: stack.verifier },
  );
  expect(code).toBe("frame_load_failed");
});
