// The panels at the side; on a phone they are sheets that come up from below.

import { arrows, h, icon, iconButton } from "./dom.js";
import { t } from "./i18n.js";
import { kept } from "./kept.js";

const narrow = matchMedia("(max-width: 960px)");

/**
 * `parts` maps names to `{view, shown}`; `title(name)` and `shorter(name)` are their words. Returns the element
 * and what opens and closes it.
 */
export function panels(parts, { visible }) {
  const heading = h("h2", { id: "panel-title", tabindex: "-1" });
  const tabs = h("div", { class: "tabs", role: "tablist", "aria-labelledby": "panel-title" });
  const close = iconButton("close", t("close"), () => show(null));
  const bodies = Object.entries(parts).map(([name, { view }]) => h("div", { id: `panel-${name}`, role: "tabpanel", "aria-labelledby": `tab-${name}`, class: "panel-body", tabindex: "0", hidden: true }, view));
  const view = h("aside", { class: "panel", id: "panel", "aria-labelledby": "panel-title", hidden: true }, h("header", {}, heading, close), tabs, ...bodies);
  const backdrop = h("div", { class: "backdrop", hidden: true, onclick: () => show(null) });
  let current = null;
  let opener = null;

  function show(name, { focus = true } = {}) {
    const was = current;
    current = name && visible(name) ? name : null;
    view.hidden = backdrop.hidden = !current;
    document.documentElement.toggleAttribute("data-panel", Boolean(current));
    kept.set("panel", narrow.matches ? null : current);
    modal();
    if (current) {
      if (!was) opener = document.activeElement;
      heading.textContent = t({ you: "you", map: "taste", trace: "trace", settings: "settings" }[current]);
      drawTabs();
      for (const body of bodies) body.hidden = body.id !== `panel-${current}`;
      parts[current].shown();
      if (focus) (was ? tabs.querySelector("[aria-selected=true]") : heading).focus();
    } else if (was && opener?.isConnected) opener.focus();
    document.dispatchEvent(new CustomEvent("panel", { detail: current }));
  }

  function drawTabs() {
    tabs.replaceChildren(
      ...Object.keys(parts)
        .filter(visible)
        .map((name) => h("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-selected": String(name === current), "aria-controls": `panel-${name}`, tabindex: name === current ? "0" : "-1", onclick: () => show(name) }, icon(name), t({ you: "you_short", map: "taste_short", trace: "trace_short", settings: "settings_short" }[name]))),
    );
  }

  function modal() {
    const sheet = Boolean(current) && narrow.matches;
    if (sheet) {
      view.setAttribute("role", "dialog");
      view.setAttribute("aria-modal", "true");
    } else {
      view.removeAttribute("role");
      view.removeAttribute("aria-modal");
    }
    for (const element of document.querySelectorAll(".top, .conversation, .composer, .sidebar")) element.inert = sheet;
  }

  arrows(tabs, () => [...tabs.querySelectorAll("[role=tab]")]);
  tabs.addEventListener("focusin", (event) => {
    const name = event.target.id?.replace("tab-", "");
    if (name && name !== current) show(name);
  });
  narrow.addEventListener("change", modal);
  return { view, backdrop, show, toggle: (name) => show(name === current ? null : name), current: () => current };
}
