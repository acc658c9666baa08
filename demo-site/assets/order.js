import { showEarlierEvents, showOtherParties } from "./panel.js";

showEarlierEvents();
await showOtherParties();
