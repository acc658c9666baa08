export { WaxsealError } from "./error";
export { mount } from "./mount";
