// Moving through a list by keyboard: j and k go down and up, Enter opens, x ticks. Lists work without it.
"use strict";

const rows = [...document.querySelectorAll("[data-row]")];
let at = -1;

function go(to) {
  if (!rows.length) return;
  rows[at]?.removeAttribute("aria-current");
  at = Math.max(0, Math.min(rows.length - 1, to));
  rows[at].setAttribute("aria-current", "true");
  rows[at].querySelector("[data-open]")?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.target.closest("input:not([type=checkbox]), textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "j") go(at + 1);
  else if (event.key === "k") go(at - 1);
  else if (event.key === "x") rows[at]?.querySelector("input[type=checkbox]")?.click();
});
