// What the frame collects while the form is idle: every signal, in a real browser, in browsers that lie
// and in those that break what is asked.

import type { Page } from "@playwright/test";
import { CARD, type CardPage, expect, stack, test } from "./card_page.ts";
import { openReadable, type OpenedEnvelope, type ReadableForm } from "./opened_envelope.ts";
import { bits, field, named, REGISTRY, short } from "./readings.ts";

/** A form whose collecting has ended. */
async function idle(card: CardPage, settings?: Parameters<typeof openReadable>[1]): Promise<ReadableForm> {
  const form = await openReadable(card, settings);
  await expect.poll(() => measures(card), { timeout: 20_000 }).toBeGreaterThan(0);
  return form;
}

/** How long collecting took, or 0. */
function measures(card: CardPage): Promise<number> {
  const root = card.frame.locator(":root");
  return root.evaluate(() => performance.getEntriesByName("waxseal.signals", "measure")[0]?.duration ?? 0);
}

async function typeAndOpen(card: CardPage): Promise<OpenedEnvelope> {
  const form = await idle(card);
  await card.type();
  return form.submit();
}

/** Runs in every document before its own scripts, as an extension's script does. */
async function patch(page: Page, script: () => void): Promise<void> {
  await page.addInitScript(script);
}

test("every signal has a value, and what drives the browser shows", async ({ card }) => {
  const opened = await typeAndOpen(card);
  const { signals } = opened.content;
  expect(REGISTRY).toHaveLength(36);
  expect(Object.keys(signals).sort()).toEqual(REGISTRY.map(({ name }) => name).sort());
  for (const [name, reading] of Object.entries(signals) as [string, any]) {
    if (Array.isArray(reading)) {
      expect(reading, name).toEqual([expect.any(Number), expect.anything()]);
    } else {
      expect(reading, name).toEqual({ us: expect.any(Number), value: expect.anything() });
    }
  }
  const digest = expect.stringMatching(/^[\w-]{11}$/);
  expect(short(opened, "canvas")[1]).toEqual([digest, digest]);
  expect(short(opened, "audio")[1]).toEqual(digest);
  expect(short(opened, "webgl_limits")[1]).toEqual(digest);
  expect(short(opened, "fonts")[1]).toMatch(/^[0-9a-f]{1,16}$/);
  expect(named(opened, "device_token")).toEqual({
    current: expect.stringMatching(/^[\w-]{22}$/),
    previous: "",
    age_days: "0",
  });
  expect(named(opened, "ua_data")).toMatchObject({ brand: "Chromium", platform: "Linux", form: "" });
  expect(named(opened, "webgl")["renderer"]).toContain("SwiftShader");
  expect(bits(opened, "storage")).toEqual(["local", "session", "indexed_db", "cookies", "caches"]);
  expect(named(opened, "media")).toMatchObject({ color_scheme: "1", reduced_motion: "1", monochrome: "1" });
  expect(short(opened, "privacy")[1]).toBe("none");

  expect(short(opened, "webdriver")[1]).toBe(1);
  expect(short(opened, "software_renderer")[1]).toBe(1);
  expect(bits(opened, "headless")).toContain("ua_headless");
  expect([bits(opened, "natives"), bits(opened, "ua_mismatch"), bits(opened, "worker")]).toEqual([[], [], []]);
});

test("the same browser gives the same twice", async ({ card }) => {
  const [first, second] = [await typeAndOpen(card), await typeAndOpen(card)];
  for (const name of ["audio", "canvas", "device_token", "fonts", "media", "ua_data", "webgl", "webgl_limits"]) {
    expect(short(first, name)[1], name).toEqual(short(second, name)[1]);
  }
});

test("a canvas with noise is unstable", async ({ card, page }) => {
  await patch(page, () => {
    const genuine = HTMLCanvasElement.prototype.toDataURL;
    HTMLCanvasElement.prototype.toDataURL = function (...rest) {
      return genuine.apply(this, rest) + Math.random();
    };
  });
  const opened = await typeAndOpen(card);
  expect(short(opened, "canvas")).toEqual({ u: expect.any(Number) });
  expect(bits(opened, "natives")).toEqual(["to_data_url"]);
});

test("what was replaced shows, and the worker tells the truth", async ({ card, page }) => {
  await patch(page, () => {
    const forge = (object: object, name: string, value: unknown) =>
      Object.defineProperty(object, name, { get: () => value, configurable: true });
    forge(Navigator.prototype, "hardwareConcurrency", 64);
    forge(Navigator.prototype, "webdriver", false);
    forge(navigator, "platform", "Win32");
    forge(Screen.prototype, "width", 1920);
    Date.prototype.getTimezoneOffset = () => 0;
  });
  const opened = await typeAndOpen(card);
  const replaced = ["platform", "webdriver", "hardware_concurrency", "timezone_offset", "screen"];
  expect(bits(opened, "natives").sort()).toEqual(replaced.sort());
  expect(bits(opened, "worker").sort()).toEqual(["hardware_concurrency", "platform"]);
  expect(bits(opened, "ua_mismatch")).toEqual(["platform"]);
});

test("a browser that breaks all that is asked breaks no form", async ({ card, page }) => {
  await patch(page, () => {
    const fail = () => {
      throw new Error("not to be asked");
    };
    HTMLCanvasElement.prototype.getContext = fail;
    Navigator.prototype.javaEnabled = fail;
    Object.assign(window, { OfflineAudioContext: fail, matchMedia: fail, Worker: fail });
    Object.defineProperty(window, "localStorage", { get: fail });
    Object.defineProperty(Navigator.prototype, "permissions", { get: fail });
    Object.defineProperty(window, "speechSynthesis", { get: fail });
    Object.getOwnPropertyDescriptor = fail;
  });
  const opened = await typeAndOpen(card);
  for (const name of ["audio", "canvas", "color_gamut", "device_token", "fonts", "media", "natives", "permissions", "voices", "webgl"]) {
    expect(short(opened, name), name).toEqual({ e: expect.any(Number) });
  }
  expect(short(opened, "worker")).toEqual({ s: expect.any(Number) });
  expect(bits(opened, "storage")).not.toContain("local");
  expect(opened.content.card).toMatchObject({ number: CARD.number });
});

test("a submit does not wait for what never answers", async ({ card, page }) => {
  await patch(page, () => {
    const never = () => new Promise<never>(() => undefined);
    StorageManager.prototype.persisted = never;
    Object.assign(window, { Worker: class {} });
    Object.defineProperty(Permissions.prototype, "query", { value: never });
  });
  const form = await openReadable(card);
  await card.type();
  const start = Date.now();
  const opened = await form.submit();
  // What never answers would take two seconds at least.
  expect(Date.now() - start).toBeLessThan(1_700);
  expect(short(opened, "worker")).toEqual({ s: 0 });
  expect(short(opened, "canvas")[1]).toHaveLength(2);
});

test("no task of collecting takes 50 ms", async ({ card, page }) => {
  // Chromium tells a frame in a process of its own of no long tasks: they are what a timer comes late by.
  await patch(page, () => {
    const tasks: [start: number, end: number][] = [];
    Object.assign(window, { longTasks: tasks });
    let last = performance.now();
    setInterval(() => {
      const now = performance.now();
      if (now - last > 50) tasks.push([last, now]);
      last = now;
    }, 4);
  });
  // Other programs share the machine: one mount of a few will do.
  const long: number[] = [];
  for (let mount = 0; mount < 5 && long.at(-1) !== 0; mount++) {
    await idle(card);
    long.push(
      await card.frame.locator(":root").evaluate(() => {
        const { startTime, duration } = performance.getEntriesByName("waxseal.signals", "measure")[0]!;
        const { longTasks } = window as unknown as { longTasks: [number, number][] };
        return longTasks.filter(([start, end]) => end > startTime && start < startTime + duration).length;
      }),
    );
  }
  expect(long.at(-1), `long tasks of each mount: ${long}`).toBe(0);
});

test("a browser that protects its user is recognised and masked", async ({ card, page }) => {
  await patch(page, () => Object.defineProperty(Navigator.prototype, "brave", { value: {} }));
  const opened = await typeAndOpen(card);
  expect(short(opened, "privacy")[1]).toBe("brave");
  for (const name of ["audio", "canvas", "device_memory", "fonts", "voices", "webgl", "webgl_limits", "window"]) {
    expect(short(opened, name), name).toEqual({ m: 0 });
  }
  expect(opened.content.signals["hardware_concurrency"]).toEqual({ status: "skipped", us: 0 });
  expect(short(opened, "device_token")).toEqual([expect.any(Number), expect.any(Array)]);
});

test("less than full forgets the device's token", async ({ card, page }) => {
  const token = () => card.frame.locator(":root").evaluate(() => localStorage.getItem("waxseal.device"));
  await idle(card);
  expect(await token()).toMatch(/^[\w-]{22}\.\.\d+$/);
  const form = await openReadable(card, { session: { signals: "minimal" } });
  await expect.poll(token).toBeNull();
  await card.type();
  const opened = await form.submit();
  const minimal = REGISTRY.filter(({ isMinimal }) => isMinimal).map(({ name }) => name);
  expect(Object.keys(opened.content.signals).sort()).toEqual(minimal.sort());
  expect(page.url()).not.toContain(stack.verifier);
});

test("Global Privacy Control makes a full session minimal", async ({ card, page }) => {
  await patch(page, () => Object.defineProperty(Navigator.prototype, "globalPrivacyControl", { value: true }));
  const form = await openReadable(card, { session: { signals: "full" } });
  await card.type();
  const { signals } = (await form.submit()).content;
  expect(Object.keys(signals).sort()).toEqual(["languages", "privacy", "time_zone", "utc_offset_min"]);
});

test("typing, pasting, a script's values and the pointer are told apart", async ({ card, page }) => {
  const form = await idle(card);
  const frame = (await page.locator("#card iframe").boundingBox())!;
  await page.mouse.move(frame.x + 10, frame.y + 10);
  await page.mouse.move(frame.x + 310, frame.y + 10, { steps: 30 });
  await page.mouse.wheel(0, 40);
  await card.number.click();
  await page.keyboard.type(CARD.number, { delay: 5 });
  await card.paste("12/30", card.expiry);
  await card.cvc.evaluate((input: HTMLInputElement) => {
    input.value = "123";
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
  await card.name.focus();
  await page.keyboard.type("Ada Lovelacs");
  await page.keyboard.press("Backspace");
  await page.keyboard.insertText("e");
  // Without an event.
  await card.postalCode.evaluate((input: HTMLInputElement) => (input.value = "1010"));
  const opened = await form.submit();
  expect(opened.content.card).toMatchObject({ number: CARD.number, cvc: "123", name: CARD.name, postal_code: "1010" });

  const [number, expiry, cvc, name, postalCode] = [0, 1, 2, 3, 4].map((at) => field(opened, at));
  expect(number).toMatchObject({ keys: 16, pastes: 0, sets: 0, keyless: 0, corrections: 0, visits: 1 });
  expect(expiry).toMatchObject({ keys: 0, pastes: 1, sets: 0, keyless: 0 });
  expect(cvc).toMatchObject({ keys: 0, sets: 1 });
  expect(name).toMatchObject({ keys: 13, corrections: 1, keyless: 1, sets: 0 });
  expect(postalCode).toMatchObject({ keys: 0, sets: 1, visits: 0 });
  expect(short(opened, "focus_order")[1]).toMatch(/^01+2?3+$/);
  expect(named(opened, "completion")).toMatchObject({ untrusted_events: 1, times_hidden: 0 });
  const pointer = named(opened, "pointer");
  expect(pointer).toMatchObject({ presses: 1, kinds: 1 });
  expect(pointer["moves"]).toBeGreaterThan(10);
  expect(pointer["path_px"]).toBeGreaterThan(200);
  expect(pointer["straightness_percent"]).toBeGreaterThan(60);
  expect(named(opened, "scroll")).toEqual({ wheels: 1, wheel_px: 40, touch_scrolls: 0 });
});
