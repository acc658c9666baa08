/**
 * `permissions`: what the browser would answer if it were asked (Permissions API): 1 denied, 2 it would
 * ask, 3 granted; 0 unknown to it. Nothing is asked for: the customer sees nothing.
 */

const NAMES = ["notifications", "persistent-storage", "clipboard-read", "clipboard-write", "background-sync", "storage-access"];

export async function permissions(): Promise<string | undefined> {
  if (!navigator.permissions) return undefined;
  const states = NAMES.map((name) =>
    navigator.permissions.query({ name: name as PermissionName }).then(({ state }) => state, () => ""),
  );
  return (await Promise.all(states)).map((state) => ["denied", "prompt", "granted"].indexOf(state) + 1).join("");
}
