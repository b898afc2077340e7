// Puts the page together.

import * as api from "./api.js";
import { beliefsPanel } from "./beliefs.js";
import { composer } from "./composer.js";
import { conversation } from "./conversation.js";
import { askKey, hush, toast } from "./dialogs.js";
import { h, icon, iconButton } from "./dom.js";
import { kindWords, locale, number, t } from "./i18n.js";
import { kept } from "./kept.js";
import { panels } from "./panels.js";
import { sessionList } from "./sessions.js";
import { setTheme, settingsPanel } from "./settings.js";
import { address, addressed, go, leave, on, refreshSessions, state, undo } from "./state.js";
import { mapPanel } from "./tastemap.js";
import { tracePanel } from "./trace.js";

const app = document.getElementById("app");
const dark = matchMedia("(prefers-color-scheme: dark)");

document.documentElement.lang = locale;
api.whenKeyNeeded(askKey);

/** Tell people about an error that no other place shows. */
function problem(error) {
  if (error?.name === "AbortError") return;
  toast([error.message || t("unreachable"), error.hint].filter(Boolean).join(" "), { wrong: true });
}

function failedToStart(error) {
  app.replaceChildren(
    h("main", { class: "broken" }, h("h1", {}, t("start_failed")), h("p", {}, error.message || t("start_failed_text")), error.hint ? h("p", {}, error.hint) : "", h("button", { type: "button", class: "solid", onclick: () => location.reload() }, t("retry"))),
  );
}

function build() {
  const trace = tracePanel({ problem });
  const parts = { you: beliefsPanel({ problem }), map: mapPanel({ problem }), trace, settings: settingsPanel({ problem }) };
  const side = panels(parts, { visible: (name) => name !== "trace" || state.developer });
  const writer = composer({ problem });
  const openTrace = (seq) => {
    trace.choose(seq);
    side.show("trace");
  };
  const talk = conversation({ compose: writer.compose, trace: openTrace });
  writer.view.prepend(talk.nudge);
  const list = sessionList({ problem, done: () => sidebar(false) });
  const menu = iconButton("menu", t("menu"), () => sidebar(!app.classList.contains("with-sidebar")), { class: "icon-button only-narrow", "aria-expanded": "false", "aria-controls": "sidebar" });
  const veil = h("div", { class: "veil", onclick: () => sidebar(false) });

  function sidebar(open) {
    app.classList.toggle("with-sidebar", open);
    menu.setAttribute("aria-expanded", String(open));
    if (open) list.querySelector("button").focus();
  }

  const openers = ["you", "map", "trace", "settings"].map((name) =>
    h("button", { type: "button", class: "opener", "data-panel": name, "aria-expanded": "false", "aria-controls": "panel", title: t({ you: "you", map: "taste", trace: "trace", settings: "settings" }[name]), onclick: () => side.toggle(name) }, icon(name), h("span", {}, t({ you: "you_short", map: "taste_short", trace: "trace_short", settings: "settings_short" }[name]))),
  );
  const theme = iconButton("moon", t("dark"), () => setTheme(isDark() ? "light" : "dark"), { id: "theme" });

  function syncTheme() {
    const words = t(isDark() ? "light" : "dark");
    theme.replaceChildren(icon(isDark() ? "sun" : "moon"));
    theme.title = words;
    theme.setAttribute("aria-label", words);
  }

  function syncOpeners() {
    document.documentElement.toggleAttribute("data-developer", state.developer);
    for (const opener of openers) {
      opener.hidden = opener.dataset.panel === "trace" && !state.developer;
      opener.setAttribute("aria-expanded", String(opener.dataset.panel === side.current()));
    }
  }

  const { catalog, model } = state.config;
  app.replaceChildren(
    h("a", { class: "skip", href: "#message", onclick: (event) => (event.preventDefault(), writer.focus()) }, t("skip")),
    h(
      "header",
      { class: "top" },
      menu,
      h("div", { class: "brand" }, h("strong", {}, "groundrec"), h("span", { class: "facts" }, [t("catalog_facts", { count: number(catalog.items), ...kindWords(catalog.kind) }), model ?? t("no_model")].join(" · "))),
      h("span", { class: "grow" }),
      ...openers,
      theme,
    ),
    list,
    veil,
    talk.view,
    writer.view,
    side.backdrop,
    side.view,
  );

  document.addEventListener("panel", syncOpeners);
  document.addEventListener("theme", syncTheme);
  dark.addEventListener("change", syncTheme);
  on("developer", () => {
    if (side.current() === "trace" && !state.developer) side.show("settings");
    else if (side.current()) side.show(side.current(), { focus: false });
    syncOpeners();
  });
  on("noted", ({ what, item }) => toast(what === "edit" ? t("edited") : t(`done.${what}`, { title: item.label }), { action: t("undo"), onclick: () => undo().catch(problem) }));
  on("undone", () => toast(t("undone")));
  on("started session", hush);
  on("started", () => sidebar(false));
  document.addEventListener("problem", (event) => problem(event.detail));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !document.querySelector("dialog[open]")) {
      if (app.classList.contains("with-sidebar")) {
        sidebar(false);
        menu.focus();
      } else if (side.current()) side.show(null);
    }
    const typing = event.target.closest("input, textarea, select, dialog");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      if (side.current() && matchMedia("(max-width: 960px)").matches) side.show(null);
      writer.focus();
    }
  });
  addEventListener("pagehide", leave);
  addEventListener("popstate", () => go(addressed()).catch(lost));
  syncTheme();
  syncOpeners();
  const last = kept.get("panel");
  if (last && matchMedia("(min-width: 1200px)").matches) side.show(last, { focus: false });
  if (matchMedia("(hover: hover)").matches) writer.focus();
}

function isDark() {
  return (document.documentElement.dataset.theme ?? (dark.matches ? "dark" : "light")) === "dark";
}

function lost(error) {
  if (error.status !== 404) return problem(error);
  address({ anew: false });
  return toast(t("gone"), { wrong: true });
}

async function start() {
  try {
    state.config = await api.config();
    await refreshSessions();
  } catch (error) {
    return failedToStart(error);
  }
  document.title = `groundrec · ${state.config.catalog.name}`;
  build();
  const id = addressed();
  if (id) await go(id).catch(lost);
}

start();
