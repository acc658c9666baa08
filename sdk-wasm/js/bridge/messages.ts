/**
 * Everything that crosses between the merchant's page and the card frame. The Rust side of the same
 * messages is `src/bridge/`.
 *
 * The page posts one `Hello` to the frame's window and hands over a `MessagePort`; all the rest runs
 * over that port, which no third window can reach.
 */

/** Host to the frame's window, with a transferred port. */
export interface Hello {
  waxseal: "hello";
  /** Base64url of 128 random bits; the same stands in the fragment of the frame's URL. */
  nonce: string;
  clientToken: string;
}

/** Host to frame, over the port. */
export type HostMessage =
  | { type: "clear" }
  | { type: "focus"; field: string }
  | { type: "submit"; id: number }
  | { type: "update"; clientToken: string };

/** Frame to host, over the port. No member ever holds a digit, but for `last4` of an accepted card. */
export type FrameMessage =
  | { type: "change"; brand: string | null; complete: boolean; valid: boolean; errors: string[] }
  /** With an `id`: that submit failed. `fatal`: the frame can do nothing more. */
  | { type: "error"; code: string; id?: number; fatal?: boolean }
  /** The frame's script runs and took the port; the form is not there yet. */
  | { type: "loaded"; nonce: string }
  | { type: "ready"; nonce: string }
  | { type: "resize"; height: number }
  | { type: "result"; id: number; status: string; brand: string; last4?: string };
