// All that a script in a page could read, and what the browser keeps for it.

import type { Page } from "@playwright/test";

/** What was read, by where it stood. */
export async function hostView(page: Page): Promise<Record<string, string>> {
  const read = await page.evaluate(async () => ({
    "the storage": JSON.stringify([{ ...localStorage }, { ...sessionStorage }]),
    "the databases": JSON.stringify([await indexedDB.databases(), await caches.keys()]),
    "the script's cookies": document.cookie,
    "the page's address and history": JSON.stringify([location.href, window.name, history.state]),
    "the timings": JSON.stringify(performance.getEntries()),
    "the inputs": JSON.stringify([...document.querySelectorAll("input")].map(({ value }) => value)),
    "what is selected": String(getSelection()),
  }));
  const { cookies, origins } = await page.context().storageState({ indexedDB: true });
  return {
    ...read,
    "the document": await page.content(),
    "the cookies of all origins": JSON.stringify(cookies),
    // The frame's too, which the page could not read.
    "the storage of all origins": JSON.stringify(origins),
  };
}
