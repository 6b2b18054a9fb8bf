// Small manners of every page. Pages work without it; nothing here decides anything.
"use strict";

const words = document.documentElement.lang.startsWith("en")
  ? { close: "Close", offline: "No connection. Nothing is lost; please try again in a moment.", broken: "That did not work. Please try again.", filter: "Filter", sure: "Tap again to confirm" }
  : { close: "关闭", offline: "网络不通，内容没有丢，请稍后再点一次。", broken: "没有办成，请再试一次。", filter: "输入文字筛选", sure: "再点一次确认" };

/** Put a sentence before the reader without covering the page. */
function say(text, kind = "info") {
  const line = document.createElement("div");
  line.className = `say say-${kind}`;
  line.dataset.say = "";
  const words_ = document.createElement("p");
  words_.textContent = text;
  line.append(words_);
  document.getElementById("says").append(line);
  tend(line);
}

/** A message can be closed; plain ones leave by themselves. */
function tend(line) {
  if (line.querySelector("button")) return;
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = "✕";
  close.setAttribute("aria-label", words.close);
  close.addEventListener("click", () => line.remove());
  line.append(close);
  if (!line.classList.contains("say-error")) setTimeout(() => line.remove(), 7000);
}

function addCounter(area) {
  const most = Number(area.getAttribute("maxlength"));
  const foot = document.createElement("p");
  const count = document.createElement("span");
  foot.className = "field-foot";
  count.className = "field-count";
  foot.append(count);
  area.after(foot);
  const show = () => {
    const left = most - area.value.length;
    count.textContent = `${area.value.length}/${most}`;
    count.toggleAttribute("data-near", left < most / 10);
    foot.hidden = area.value.length < most / 2;
  };
  area.addEventListener("input", show);
  show();
}

function addFilter(box) {
  const lines = [...box.querySelectorAll(".pick")];
  if (lines.length < 9) return;
  const search = document.createElement("input");
  search.type = "search";
  search.className = "form-control picks-search";
  search.placeholder = words.filter;
  search.setAttribute("aria-label", words.filter);
  search.dataset.noDraft = "";
  search.addEventListener("input", () => {
    for (const line of lines) line.hidden = !line.textContent.includes(search.value.trim());
  });
  search.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  box.prepend(search);
}

/** An act that is hard to undo asks once more on the button itself: no pop-up. */
function askTwice(event) {
  const button = event.target.closest("[data-confirm]");
  if (!button || button.dataset.asked) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (button.form && !button.form.reportValidity()) return; // what is missing comes first
  const before = button.textContent;
  button.dataset.asked = "1";
  button.textContent = button.dataset.confirm || words.sure;
  setTimeout(() => {
    delete button.dataset.asked;
    button.textContent = before;
  }, 6000);
}

function enhance(root) {
  root.querySelectorAll("[data-say]").forEach(tend);
  root.querySelectorAll("textarea[data-count]:not([data-counted])").forEach((area) => {
    area.dataset.counted = "1";
    addCounter(area);
  });
  root.querySelectorAll("[data-picks]:not([data-filtered])").forEach((box) => {
    box.dataset.filtered = "1";
    addFilter(box);
  });
  root.querySelectorAll("[data-back]").forEach((link) => {
    link.hidden = history.length < 2;
    link.addEventListener("click", (event) => {
      event.preventDefault();
      history.back();
    });
  });
  root.querySelector("[data-focus]")?.focus({ preventScroll: false });
}

/** <button data-fill="category" data-value="0103">: a suggestion fills its field; the person may still choose otherwise. */
function fill(event) {
  const button = event.target.closest("[data-fill]");
  const field = button?.closest("form")?.elements[button.dataset.fill];
  if (!field) return;
  field.value = button.dataset.value;
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

/** What a locality writes stays Chinese on English pages: say so, for the voice that reads it and for the right glyphs. */
function nameLanguage(root) {
  if (!document.documentElement.lang.startsWith("en")) return;
  const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const told = walk.currentNode.data, box = walk.currentNode.parentElement;
    if (/\p{Script=Han}/u.test(told) && !/[a-z]{2}/i.test(told) && box && !box.closest("script, [lang^=zh]")) box.lang = "zh-Hans";
  }
}

/** A drawing wider than the screen begins where the case stands. */
function showPresentStep(root) {
  for (const now of root.querySelectorAll(".procedure .now")) {
    const box = now.closest(".scroll-x");
    if (box && box.scrollWidth > box.clientWidth) box.scrollLeft += now.getBoundingClientRect().left - box.getBoundingClientRect().left - box.clientWidth / 2 + 48;
  }
}

document.addEventListener("click", askTwice, true);
document.addEventListener("click", fill);
document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll("details.menu[open]")) if (!open.contains(event.target)) open.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") for (const open of document.querySelectorAll("details.menu[open]")) open.open = false;
});
/** Without a connection the browser would put its own page in place of what was typed. */
function stayWhenOffline(event) {
  if (navigator.onLine || event.target.method !== "post") return;
  event.preventDefault();
  event.stopImmediatePropagation();
  say(words.offline, "error");
}

document.addEventListener("submit", stayWhenOffline, true);
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (button && !event.defaultPrevented) setTimeout(() => button.setAttribute("aria-busy", "true"));
});
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll('[aria-busy="true"]')) button.removeAttribute("aria-busy");
});
document.addEventListener("DOMContentLoaded", () => {
  enhance(document);
  nameLanguage(document.body);
  showPresentStep(document);
});
document.addEventListener("toggle", (event) => event.target.open && showPresentStep(event.target), true);
document.addEventListener("htmx:load", (event) => {
  enhance(event.detail.elt);
  nameLanguage(event.detail.elt);
});
document.addEventListener("htmx:afterRequest", (event) => event.detail.elt.querySelector('[aria-busy="true"]')?.removeAttribute("aria-busy"));
document.addEventListener("htmx:sendError", () => say(words.offline, "error"));
document.addEventListener("htmx:timeout", () => say(words.offline, "error"));
document.addEventListener("tongxin:say", (event) => say(event.detail.text, event.detail.kind));
