/**
 * `natives`: which of these functions are no longer the browser's own, as bits: a script, an extension or
 * what drives the browser put others in their place.
 *
 * A browser's function says that its code is native, cannot be constructed and has no `prototype`; a
 * getter stands on the interface's prototype, not on the object itself, and refuses another `this`.
 */

import { bits } from "./headless";

export function natives(): number {
  const getters = (["userAgent", "platform", "webdriver", "languages", "hardwareConcurrency", "deviceMemory", "plugins"] as const).map(
    (name) => !isGetter(Navigator.prototype, navigator, name),
  );
  const methods: [object | undefined, string][] = [
    [globalThis.Permissions?.prototype, "query"],
    [HTMLCanvasElement.prototype, "toDataURL"],
    [CanvasRenderingContext2D.prototype, "getImageData"],
    [globalThis.WebGLRenderingContext?.prototype, "getParameter"],
    [CanvasRenderingContext2D.prototype, "measureText"],
    [Date.prototype, "getTimezoneOffset"],
    [Intl.DateTimeFormat.prototype, "resolvedOptions"],
  ];
  return bits([
    !isNative(Function.prototype.toString, "toString"),
    ...getters,
    ...methods.map(([owner, name]) => owner !== undefined && !isMethod(owner, name)),
    !isGetter(Screen.prototype, screen, "width"),
  ]);
}

function isMethod(owner: object, name: string): boolean {
  return isNative(Object.getOwnPropertyDescriptor(owner, name)?.value, name);
}

/** A property that the browser lacks is not replaced. */
function isGetter(prototype: object, object: object, name: string): boolean {
  if (Object.hasOwn(object, name)) return false;
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name);
  if (!descriptor) return !(name in object);
  if (!isNative(descriptor.get, name)) return false;
  try {
    descriptor.get!.call(prototype);
    return false;
  } catch (error) {
    return error instanceof TypeError;
  }
}

function isNative(candidate: unknown, name: string): boolean {
  if (typeof candidate !== "function" || "prototype" in candidate) return false;
  const text = Function.prototype.toString.call(candidate);
  return /^function (get )?\w*\(\)\s*\{\s*\[native code\]\s*\}$/.test(text) && text.includes(name);
}
