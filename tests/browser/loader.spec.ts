// The loader's other ways in: as a classic script that the page pins, and where there is no page.

import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "./stack/verifier.ts";
import { expect, stack, test } from "./card_page.ts";

const dist = join(root, "sdk-wasm/dist");
const LOADER = `${stack.verifier}/sdk/v0.1.0/waxseal.iife.js`;

/** A page with the classic loader, pinned as a merchant pins it: by the manifest. */
async function pinnedPage(): Promise<string> {
  const { files } = JSON.parse(await readFile(join(dist, "manifest.json"), "utf8"));
  const { sha384 } = files.find(({ path }: { path: string }) => path === "waxseal.iife.js");
  const loader = `src="${LOADER}" integrity="sha384-${sha384}"`;
  return `http://localhost:${stack.hostPort}/?${new URLSearchParams({ loader })}`;
}

test("the classic script with its digest mounts a form that pays", async ({ card, page }) => {
  await page.goto(await pinnedPage());
  expect(await page.evaluate(() => "waxseal" in window)).toBe(false);
  expect(await page.evaluate(() => Object.keys((window as any).Waxseal).sort())).toEqual([
    "WaxsealError",
    "mount",
  ]);
  await page.evaluate(() => Object.assign(window, { waxseal: (window as any).Waxseal }));
  await card.mount();
  await expect(card.number).toBeVisible();
  await card.type();
  expect(await card.submit()).toEqual({ status: "accepted", brand: "visa", last4: "4242" });
});

test("a page that is isolated from other origins mounts a form that pays", async ({ card, page }) => {
  await page.goto(`${await pinnedPage()}&isolated`);
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  await page.evaluate(() => Object.assign(window, { waxseal: (window as any).Waxseal }));
  await card.mount();
  await card.type();
  expect(await card.submit()).toEqual({ status: "accepted", brand: "visa", last4: "4242" });
});

test("a classic script that was changed on its way is not run", async ({ page }) => {
  const said: string[] = [];
  page.on("console", (message) => said.push(message.text()));
  await page.route(LOADER, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${await response.text()} ` });
  });
  await page.goto(await pinnedPage());
  expect(await page.evaluate(() => "Waxseal" in window)).toBe(false);
  expect(said.join()).toContain("Failed to find a valid digest in the 'integrity' attribute");
});

// A shop that renders on its server imports what it mounts later.
test("importing the module in Node changes nothing and fails nothing", async () => {
  const module = await readFile(join(dist, "waxseal.js"));
  // Descriptors: Node makes some globals, and more besides, when their values are first asked for.
  const script = `
    const globals = () => Object.entries(Object.getOwnPropertyDescriptors(globalThis));
    const before = new Map(globals());
    const module = await import(process.env.MODULE);
    const isSame = (one, other) => other && ["get", "set", "value"].every((of) => Object.is(one[of], other[of]));
    const changed = globals().filter(([name, now]) => !isSame(now, before.get(name)));
    console.log(JSON.stringify([Object.keys(module), changed.map(([name]) => name), before.size > 50]));
  `;
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ["--input-type=module", "--eval", script],
    { env: { MODULE: `data:text/javascript;base64,${module.toString("base64")}` } },
  );
  expect(JSON.parse(stdout)).toEqual([["WaxsealError", "mount"], [], true]);
  expect(stderr).toBe("");
});
