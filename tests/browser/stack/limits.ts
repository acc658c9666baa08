// The tests ask from one address far more often than customers do.

const NAMES = ["CARD", "CLIENT", "HEALTH", "OPERATOR", "PAGE", "PRIVATE", "SESSION"];

/** Environment of a verifier that lets everybody ask as often as they like. */
export const liftedLimits: Record<string, string> = Object.fromEntries(
  NAMES.flatMap((name) => ["PER_S", "BURST"].map((unit) => [
    `WAXSEAL_VERIFIER__LIMITS__${name}_${unit}`, "1000000",
  ])),
);
