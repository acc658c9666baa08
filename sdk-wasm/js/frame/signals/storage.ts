/**
 * `storage`: what the browser lets the frame keep, as bits. Browsers that block third parties' storage
 * throw where it is named.
 */
export async function storage(): Promise<number> {
  const checks = [
    () => !!localStorage,
    () => !!sessionStorage,
    () => !!indexedDB,
    () => navigator.cookieEnabled,
    () => typeof caches === "object",
    () => navigator.storage.persisted(),
  ];
  let bits = 0;
  for (const [at, check] of checks.entries()) {
    try {
      if (await check()) bits |= 1 << at;
    } catch {
      // Blocked: the bit stays.
    }
  }
  return bits;
}
