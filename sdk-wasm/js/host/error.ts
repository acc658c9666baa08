/** An error with a stable code; the message repeats it, so that it shows in any log. */
export class WaxsealError extends Error {
  readonly code: string;

  constructor(code: string) {
    super(`waxseal: ${code}`);
    this.name = "WaxsealError";
    this.code = code;
  }
}
