/**
 * The published types are written by hand. This file is in no bundle: it does not compile when they
 * and the code differ.
 */

import * as entry from "./entry";

entry satisfies typeof import("./waxseal");
