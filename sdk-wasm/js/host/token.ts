/**
 * The session id that a client token (a JWT) names, or undefined if it is no such token. Nothing is
 * verified here: the verifier alone can, and does.
 */
export function sessionId(clientToken: string): string | undefined {
  try {
    const payload = clientToken.split(".")[1] ?? "";
    const claims = JSON.parse(atob(payload.replace(/-/g, "+").replace(/_/g, "/")));
    return typeof claims.sub === "string" ? claims.sub : undefined;
  } catch {
    return undefined;
  }
}
