/**
 * `device_token`: 128 random bits that this origin's storage keeps, where the browser lets it: for each
 * site that shows the form apart, since browsers part the storage of frames. Nothing of the device is in
 * it, and it leaves the frame in sealed envelopes alone.
 *
 * It rotates: after 30 days another takes its place, and the former one is told beside it until that one
 * is replaced too: none is told for more than 90 days, and a browser that did not come for 60 starts anew.
 * A session that does not collect everything forgets both.
 */

import { base64url } from "./digest";

const KEY = "waxseal.device";
const DAY_MS = 86_400_000;
const ROTATES_AFTER_DAYS = 30;

/** [current, previous or nothing, age of the current one in days] */
export function deviceToken(nowMs = Date.now(), storage: Storage = localStorage): string[] {
  const today = Math.floor(nowMs / DAY_MS);
  const [current, previous, madeOn] = kept(storage.getItem(KEY));
  const age = today - madeOn;
  if (current && age >= 0 && age < ROTATES_AFTER_DAYS) return [current, previous, String(age)];
  const next = base64url(crypto.getRandomValues(new Uint8Array(16)));
  const former = current && age >= 0 && age < 2 * ROTATES_AFTER_DAYS ? current : "";
  storage.setItem(KEY, [next, former, today].join("."));
  // What cannot be kept is no token.
  return storage.getItem(KEY) ? [next, former, "0"] : [];
}

export function forgetDevice(): void {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // Blocked storage holds nothing.
  }
}

function kept(text: string | null): [string, string, number] {
  const [, current = "", previous = "", day = "0"] = /^([\w-]{22})\.([\w-]{22})?\.(\d{1,6})$/.exec(text ?? "") ?? [];
  return [current, previous, Number(day)];
}
