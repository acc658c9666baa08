/**
 * 64 bits that differ when a text does, as 11 characters of base64url: two chained FNV-1a. Collisions
 * can be made; whoever forges a signal needs none.
 */
export function digest(text: string): string {
  // Two halves with multipliers of their own: a number holds 53 bits.
  let [high, low] = [0x811c9dc5, 0xcbf29ce4];
  for (let i = 0; i < text.length; i++) {
    high = Math.imul(high ^ text.charCodeAt(i), 0x01000193);
    low = Math.imul(low ^ text.charCodeAt(i), 0x85ebca6b) ^ (high >>> 13);
  }
  const bytes = [high, low].flatMap((half) => [half >>> 24, half >>> 16, half >>> 8, half].map((byte) => byte & 255));
  return base64url(bytes);
}

export function base64url(bytes: Iterable<number>): string {
  return btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=/g, "");
}
