// Questions that must be answered first, and short notices.

import { h } from "./dom.js";
import { t } from "./i18n.js";

/** Ask before something that can't be undone; resolves to whether it was agreed to. */
export function confirmed({ title, text, action }) {
  return new Promise((resolve) => {
    const dialog = h(
      "dialog",
      { class: "dialog", "aria-labelledby": "dialog-title", onclose: () => (dialog.remove(), resolve(dialog.returnValue === "yes")) },
      h("form", { method: "dialog" }, h("h2", { id: "dialog-title" }, title), h("p", {}, text), h("div", { class: "row end" }, h("button", { class: "outline", value: "no", autofocus: true }, t("cancel")), h("button", { class: "solid danger", value: "yes" }, action))),
    );
    document.body.append(dialog);
    dialog.showModal();
  });
}

let asking = null;

/** Ask for the key of the service; several requests that need it ask once. */
export function askKey(refused) {
  asking ??= new Promise((resolve) => {
    const input = h("input", { type: "password", id: "key", name: "key", autocomplete: "off", required: true, spellcheck: "false" });
    const dialog = h(
      "dialog",
      { class: "dialog", "aria-labelledby": "dialog-title", onclose: () => (dialog.remove(), (asking = null), resolve(dialog.returnValue === "yes" ? input.value.trim() : null)) },
      h(
        "form",
        { method: "dialog" },
        h("h2", { id: "dialog-title" }, t("key_ask")),
        h("p", {}, t("key_text")),
        refused ? h("p", { class: "refused", role: "alert" }, t("key_refused")) : "",
        h("label", { for: "key" }, t("key")),
        input,
        h("div", { class: "row end" }, h("button", { class: "solid", value: "yes" }, t("key_use"))),
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
    input.focus();
  });
  return asking;
}

let timer;

/** Take the notice away. */
export function hush() {
  clearTimeout(timer);
  document.querySelector(".toasts").replaceChildren();
}

/** A notice that goes by itself, with at most one thing to do about it. */
export function toast(text, { action = null, onclick = null, wrong = false } = {}) {
  hush();
  document.querySelector(".toasts").replaceChildren(
    h("div", { class: `toast${wrong ? " wrong" : ""}` }, h("span", {}, text), action ? h("button", { type: "button", onclick: () => (hush(), onclick()) }, action) : ""),
  );
  timer = setTimeout(hush, wrong ? 8000 : 5000);
}
