/** Waxseal in a merchant's page: mounts the card frame and asks it to submit. */

/** A card brand. */
export type Brand =
  | "amex"
  | "diners"
  | "discover"
  | "elo"
  | "hipercard"
  | "jcb"
  | "maestro"
  | "mastercard"
  | "mir"
  | "rupay"
  | "unionpay"
  | "visa";

/** A field of the form. */
export type Field = "number" | "expiry" | "cvc" | "name" | "postal_code";

/** What the page learns while the customer types: never a digit. */
export interface CardState {
  /** The brand that the number belongs to so far. */
  brand: Brand | null;
  /** Whether all that is required is there and right: `submit()` would send it. */
  complete: boolean;
  /** Whether no error is shown. An unfinished form can be valid. */
  valid: boolean;
  /** The stable codes of the errors shown, in the order of the fields. */
  errors: string[];
}

/** The verifier's answer to a card. */
export type CardResult =
  /** `last4`: the last four digits of the card number. */
  | { status: "accepted"; brand: Brand; last4: string }
  /** Another card may be tried. */
  | { status: "declined"; brand: Brand };

/** An error with a stable code, such as `frame_timeout`, `card_expired` or `network_error`. */
export declare class WaxsealError extends Error {
  readonly code: string;
  constructor(code: string);
}

export interface MountOptions {
  /** The client token that the merchant's backend got with the session. */
  clientToken: string;
  /** Origin of the verifier's public listener, such as `https://pay.example.com`. */
  verifierOrigin: string;
  /** The form is there and takes input. Called again if the frame is ever reloaded. */
  onReady?: () => void;
  /** The state changed. */
  onChange?: (state: CardState) => void;
  /** Something failed that belongs to no `submit()`: that one rejects its own promise. */
  onError?: (error: WaxsealError) => void;
  /** How long to wait for the form before `frame_timeout`; 15,000 ms if left out. */
  timeoutMs?: number;
}

/** One mounted card form. */
export interface CardFrame {
  /**
   * Checks the form, seals the card and sends it to the verifier. Rejects with a
   * {@link WaxsealError}; after `network_error` it may be called again.
   */
  submit(): Promise<CardResult>;
  /** Hands the frame a renewed client token, or tells it that the session changed. */
  update(change: { clientToken?: string }): void;
  /** Moves the focus to a field, by default the first. */
  focus(field?: Field): void;
  /** Empties all fields. */
  clear(): void;
  /** Takes the frame out of the page. Calling it again does nothing. */
  unmount(): void;
}

/**
 * Puts a card form into `target`.
 *
 * @throws TypeError when there is no such element, or `verifierOrigin` is no URL.
 */
export declare function mount(target: string | Element, options: MountOptions): CardFrame;
