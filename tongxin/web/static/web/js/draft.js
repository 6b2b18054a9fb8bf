// Keeps what was typed on this device until the platform has taken it (poor signal, closed page, ended session).
//
// <form data-draft="report"> with {% request_key %}: fields and the key are kept; a form sent again carries the same key and so
// acts once. The server names the key it has taken in the cookie "accepted"; only then is the draft forgotten. Whoever goes back to
// a form that was taken finds it empty and is told so: sent again as it stood, it would be a second report.
// Hidden fields marked data-draft-keep are kept too (the point on a map).
// Passwords, files and fields marked data-no-draft are never kept. Another user of the device does not get the draft.
"use strict";

(() => {
  const DAYS = 7;
  const PREFIX = "draft:";
  const english = document.documentElement.lang.startsWith("en");
  const owner = document.documentElement.dataset.user || "";

  const nameOf = (form) => `${PREFIX}${owner}:${location.pathname}:${form.dataset.draft}`;
  const kept = (field) =>
    field.name && !field.disabled && field.name !== "csrfmiddlewaretoken" && !("noDraft" in field.dataset) &&
    !["password", "file", "submit", "button"].includes(field.type) && (field.type !== "hidden" || "draftKeep" in field.dataset);

  function store(name, value) {
    try {
      if (value) localStorage.setItem(name, JSON.stringify(value));
      else localStorage.removeItem(name);
    } catch { /* storage full or closed: the page works without drafts */ }
  }
  function load(name) {
    try {
      return JSON.parse(localStorage.getItem(name));
    } catch {
      return null;
    }
  }
  function names() {
    try {
      return Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
    } catch {
      return [];
    }
  }

  /** Of a restored form, what belongs to fields that come only with the next suggestion. */
  const awaited = new WeakMap();

  function place(form) {
    const rest = [];
    for (const [name, value] of awaited.get(form) || []) {
      const field = form.elements[name];
      if (field) field.value = value;
      else rest.push([name, value]);
    }
    awaited.set(form, rest);
  }

  function collect(form) {
    const values = [];
    for (const field of form.elements) {
      if (!kept(field)) continue;
      if (field.type === "checkbox" || field.type === "radio") {
        if (field.checked) values.push([field.name, field.value]);
      } else if (field.tagName === "SELECT" && field.multiple) {
        for (const option of field.selectedOptions) values.push([field.name, option.value]);
      } else if ("draftBase" in field.dataset) {
        // offered by the platform: kept where the person has put something else in its place, or cleared it
        if (field.value !== field.dataset.draftBase) values.push([field.name, field.value]);
      } else if (field.value !== field.defaultValue || ["select-one", "hidden"].includes(field.type)) {
        if (field.value) values.push([field.name, field.value]);
      }
    }
    values.push(...(awaited.get(form) || []));
    const photos = [...form.querySelectorAll(".photo-one[data-id]")].map((one) => [one.dataset.id, one.dataset.thumb]);
    return { at: Date.now(), key: form.elements.request_key?.value || "", values, photos };
  }

  function restore(form, draft) {
    const byName = new Map();
    for (const [name, value] of draft.values) byName.set(name, [...(byName.get(name) || []), value]);
    for (const field of form.elements) {
      if (!kept(field) || !byName.has(field.name)) continue;
      const values = byName.get(field.name);
      if (field.type === "checkbox" || field.type === "radio") field.checked = values.includes(field.value);
      else if (field.tagName === "SELECT" && field.multiple) for (const option of field.options) option.selected = values.includes(option.value);
      else field.value = values[0];
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    awaited.set(form, draft.values.filter(([name]) => !form.elements[name]));
    if (draft.key && form.elements.request_key) form.elements.request_key.value = draft.key;
    if (draft.photos?.length) form.dispatchEvent(new CustomEvent("photos:restore", { detail: draft.photos }));
  }

  function note(form) {
    const line = document.createElement("p");
    const again = document.createElement("button");
    line.className = "draft-note";
    line.textContent = english ? "Restored what you had typed." : "已恢复上次没有提交的内容。";
    again.type = "button";
    again.textContent = english ? "Start afresh" : "清空重填";
    again.addEventListener("click", () => {
      store(nameOf(form), null);
      form.dataset.draftOff = "1";
      location.reload();
    });
    line.append(again);
    form.prepend(line);
  }

  function sayTaken(form) {
    const line = document.createElement("p");
    line.className = "draft-note";
    line.setAttribute("role", "status");
    line.textContent = english ? "What you had written here has been sent. For another one, please fill in the form again." : "刚才写的已经提交。要再写一件，请重新填写。";
    const closed = form.closest("details:not([open])");
    if (closed) closed.before(line);
    else form.prepend(line);
  }

  function taken() {
    try {
      return JSON.parse(sessionStorage.getItem("taken")) || [];
    } catch {
      return [];
    }
  }

  /** The reader came back to a page whose form was sent from it: empty it when the server has taken it. */
  function comeBack(event) {
    const sent = history.state?.sent;
    if (!sent || !taken().includes(sent)) return;
    if (event.persisted) return location.reload(); // the kept page still holds the used key
    history.replaceState({ ...history.state, sent: "" }, "");
    for (const form of document.querySelectorAll("form[data-draft]")) {
      if (!form.elements.request_key) continue;
      form.reset();
      store(nameOf(form), null);
    }
    const first = document.querySelector("form[data-draft]");
    if (first) sayTaken(first);
  }

  function watch(form) {
    if (form.dataset.watched) return;
    form.dataset.watched = "1";
    const name = nameOf(form);
    const draft = load(name);
    // A form that came back with faults already holds what was typed, and its own key.
    const refused = form.querySelector("[aria-invalid], .field-wrong") || document.querySelector(".trouble");
    // What the page itself offers (a category already chosen, a channel) is not what somebody typed: looking leaves no draft.
    const offered = JSON.stringify(collect(form).values);
    if (draft && !refused && (draft.values.length || draft.photos?.length)) {
      restore(form, draft);
      note(form);
    }
    let timer = 0;
    const keep = () => {
      if (form.dataset.draftOff) return;
      const now = collect(form);
      const typed = now.photos.length || JSON.stringify(now.values) !== offered;
      if (typed || !refused) store(name, typed && (now.values.length || now.photos.length) ? now : null);
    };
    const soon = () => {
      clearTimeout(timer);
      timer = setTimeout(keep, 250);
    };
    form.addEventListener("input", soon);
    form.addEventListener("change", soon);
    form.addEventListener("submit", () => {
      clearTimeout(timer);
      keep();
      for (const [name, value] of awaited.get(form) || []) {  // no suggestion came on this line: sent all the same
        const field = document.createElement("input");
        Object.assign(field, { type: "hidden", name, value });
        form.append(field);
      }
      if (!form.elements.request_key) store(name, null);
      else history.replaceState({ ...history.state, sent: form.elements.request_key.value }, "");
    });
    form.addEventListener("htmx:afterRequest", (event) => {
      if (event.detail.successful && event.detail.requestConfig.verb === "post") store(name, null);
    });
    window.addEventListener("pagehide", keep);
  }

  /** Forget the draft that the server says it has taken, and what is too old. */
  function tidy() {
    const named = document.cookie.match(/(?:^|; )accepted=([^;]+)/)?.[1];
    for (const name of names()) {
      const draft = load(name);
      if (!draft || (named && draft.key === decodeURIComponent(named)) || Date.now() - draft.at > DAYS * 86400000) store(name, null);
    }
    if (!named) return;
    document.cookie = "accepted=; path=/; max-age=0; samesite=lax";
    try {
      sessionStorage.setItem("taken", JSON.stringify([...taken(), decodeURIComponent(named)].slice(-20)));
    } catch { /* no storage: the form is not emptied */ }
  }

  document.addEventListener("submit", (event) => {
    if ("forgetDrafts" in event.target.dataset) for (const name of names()) if (name.startsWith(`${PREFIX}${owner}:`)) store(name, null);
  });
  document.addEventListener("DOMContentLoaded", () => {
    tidy();
    document.querySelectorAll("form[data-draft]").forEach(watch);
  });
  document.addEventListener("htmx:load", (event) => {
    event.detail.elt.querySelectorAll?.("form[data-draft]").forEach(watch);
    const form = event.detail.elt.closest?.("form[data-draft]");
    if (form) place(form);
  });
  window.addEventListener("pageshow", comeBack);
  document.addEventListener("htmx:load", (event) => event.detail.elt.querySelectorAll?.("form[data-draft]").forEach(watch));
})();
