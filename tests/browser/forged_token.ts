// Client tokens (JWTs, RFC 7519) whose claims a test has changed.

export function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString());
}

/** The token with other claims. Its signature is wrong then, which the frame leaves to the verifier. */
export function withClaims(token: string, claims: object): string {
  const [header, , signature] = token.split(".");
  return [header, Buffer.from(JSON.stringify(claims)).toString("base64url"), signature].join(".");
}
