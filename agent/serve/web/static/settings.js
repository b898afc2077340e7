// Appearance, language, memory, one's data.

import * as api from "./api.js";
import { confirmed, toast } from "./dialogs.js";
import { h } from "./dom.js";
import { languages, locale, t } from "./i18n.js";
import { kept } from "./kept.js";
import { forgetMe, on, setDeveloper, setMemory, state } from "./state.js";

const THEMES = ["auto", "light", "dark"];

/** Set the theme, or follow the system (`auto`). */
export function setTheme(theme) {
  kept.set("theme", theme === "auto" ? null : theme);
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  document.dispatchEvent(new Event("theme"));
}

export function settingsPanel({ problem }) {
  const view = h("div", { class: "panel-content" });
  const told = h("p", { class: "small", role: "status" });

  function redraw() {
    const theme = kept.get("theme") ?? "auto";
    const remember = state.session?.remember ?? kept.get("remember", true);
    view.replaceChildren(
      part(
        "appearance",
        h("fieldset", { class: "choice" }, h("legend", { class: "unseen" }, t("theme")), THEMES.map((name) => radio("theme", name, t(`theme.${name}`), name === theme, () => setTheme(name)))),
        h("div", { class: "field" }, h("label", { for: "language" }, t("spoken")), h("select", { id: "language", onchange: (event) => (kept.set("locale", event.target.value), location.reload()) }, languages.map(({ code, name }) => h("option", { value: code, selected: code === locale, lang: code }, name)))),
        toggle("developer", t("developer"), t("developer_hint"), state.developer, (on) => setDeveloper(on)),
      ),
      part("memory", toggle("remember", t("memory_toggle"), t("memory_text"), remember, remembered), told),
      part(
        "data",
        h("p", { class: "small" }, api.hasKey() ? t("data_keyed") : t("data_text", { user: api.guest() })),
        h("div", { class: "stack" }, h("button", { type: "button", class: "outline", onclick: () => download().catch(problem) }, t("export")), h("button", { type: "button", class: "outline danger", onclick: () => forget().catch(problem) }, t("forget")), api.hasKey() ? h("button", { type: "button", class: "outline", onclick: () => (api.forgetKey(), location.reload()) }, t("key_forget")) : ""),
      ),
      part("keys_heading", h("dl", { class: "keys" }, ["/", "Enter", "arrows", "Esc"].flatMap((name) => [h("dt", {}, h("kbd", {}, name === "arrows" ? "↑ ↓" : name)), h("dd", {}, t(`keys.${name}`))]))),
      h("p", { class: "small faint" }, t("version", { version: state.config.version })),
    );
  }

  async function remembered(remember) {
    try {
      await setMemory(remember);
      told.textContent = t(remember ? "memory_on" : "memory_off");
    } catch (error) {
      problem(error);
      redraw();
    }
  }

  on("session opened", redraw);
  document.addEventListener("theme", () => {
    const theme = kept.get("theme") ?? "auto";
    for (const input of view.querySelectorAll("input[name=theme]")) input.checked = input.value === theme;
  });
  redraw();
  return { view, shown() {} };
}

function part(name, ...children) {
  return h("section", { class: "belief" }, h("h3", {}, t(name)), ...children);
}

function radio(name, value, label, checked, chosen) {
  return h("label", {}, h("input", { type: "radio", name, value, checked, onchange: chosen }), h("span", {}, label));
}

function toggle(id, label, hint, checked, changed) {
  return h("div", { class: "toggle" }, h("label", { for: id }, h("span", {}, label), h("input", { type: "checkbox", role: "switch", id, checked, "aria-describedby": `${id}-hint`, onchange: (event) => changed(event.target.checked) })), h("p", { class: "small", id: `${id}-hint` }, hint));
}

async function download() {
  const everything = await api.exported();
  const href = URL.createObjectURL(new Blob([JSON.stringify(everything, null, 2)], { type: "application/json" }));
  const link = h("a", { href, download: "groundrec-data.json" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(href), 1000);
}

async function forget() {
  if (!(await confirmed({ title: t("forget_ask"), text: t("forget_text"), action: t("forget") }))) return;
  await forgetMe();
  toast(t("forgotten"));
}
