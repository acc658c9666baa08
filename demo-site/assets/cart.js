// Saves a changed quantity or country at once. Without this script the button does it.
const form = document.querySelector("[data-cart]");

form?.querySelector("[data-update]").setAttribute("hidden", "");
form?.addEventListener("change", () => {
  if (form.reportValidity()) form.requestSubmit();
});
