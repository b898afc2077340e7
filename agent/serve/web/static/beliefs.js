// What is believed about the user, each thing changeable.

import { h, icon, iconButton } from "./dom.js";
import { maybe, percent, t } from "./i18n.js";
import { edit, on, say, state } from "./state.js";

const NAMED = new Set(["categories", "words"]);

export function beliefsPanel({ problem }) {
  const view = h("div", { class: "panel-content" });
  const change = (what) => edit(what).catch(problem);

  function redraw() {
    // A field being typed in stays as it is.
    if (view.contains(document.activeElement) && document.activeElement.matches("input[type=text]")) return;
    const focus = focusKey(view);
    const { beliefs } = state;
    const sections = beliefs ? [interests(beliefs), wish(beliefs, change), constraints(beliefs, change), attitudes(beliefs, change), facets(beliefs, change), known("seen", beliefs.seen, (id) => change({ unsee: [id] })), known("rejected", beliefs.rejected, (id) => change({ unreject: [id] }))].filter(Boolean) : [];
    view.replaceChildren(
      h("p", { class: "lede" }, sections.length ? t("you_text") : t("you_empty")),
      ...sections,
      sections.length ? h("button", { type: "button", class: "outline wide", onclick: () => say(t("again_said")) }, t("again")) : "",
    );
    if (focus) (view.querySelector(`[data-key="${CSS.escape(focus)}"]`) ?? view.querySelector("button, input, select"))?.focus();
  }

  on("beliefs session", redraw);
  redraw();
  return { view, shown: redraw };
}

function focusKey(view) {
  return view.contains(document.activeElement) ? (document.activeElement.dataset.key ?? "none") : null;
}

function section(name, ...children) {
  return h("section", { class: "belief" }, h("h3", {}, t(name)), ...children);
}

function interests({ interests: found }) {
  if (!found.length) return null;
  return section(
    "interests",
    h(
      "ul",
      { class: "interests" },
      found.map(({ name, share, items }) => {
        const bar = h("span", { class: "bar", "aria-hidden": "true" }, h("i"));
        bar.firstChild.style.setProperty("width", `${Math.round(share * 100)}%`);
        return h("li", {}, h("div", { class: "interest-head" }, h("strong", {}, name), h("span", {}, percent(share))), bar, items.length ? h("p", { class: "small" }, items.map((item) => item.label).join(", ")) : "");
      }),
    ),
  );
}

function wish({ wish: text }, change) {
  const input = h("input", { type: "text", id: "wish", value: text, maxlength: 500, placeholder: t("wish_none"), "aria-label": t("wish_edit"), "data-key": "wish", autocomplete: "off" });
  const save = h("button", { type: "submit", class: "outline", hidden: true }, t("save"));
  input.addEventListener("input", () => (save.hidden = input.value.trim() === text));
  const submit = (event) => {
    event.preventDefault();
    const value = input.value.trim();
    input.blur();
    if (value !== text) change({ wish: value });
  };
  return section("wish", h("form", { class: "wish", onsubmit: submit }, input, save, text ? iconButton("close", t("remove_of", { what: `“${text}”` }), () => change({ wish: "" }), { "data-key": "wish-clear" }) : ""));
}

function chip(text, label, key, onclick) {
  return h("li", { class: "tag" }, h("span", {}, text), h("button", { type: "button", "aria-label": label, title: label, "data-key": key, onclick }, icon("close")));
}

function constraints({ constraints: found }, change) {
  if (!found.length) return null;
  return section(
    "constraints",
    h(
      "ul",
      { class: "tags" },
      found.map((constraint, index) => {
        const words = constraintText(constraint);
        return chip(words, t("remove_of", { what: words }), `constraint-${index}`, () => change({ drop_constraints: [index] }));
      }),
    ),
  );
}

function constraintText({ field, op, value, text }) {
  const values = Array.isArray(value) ? value.join(", ") : String(value);
  const rule = t(`op.${op}`, { field: maybe(`field.${field}`) ?? field.replaceAll("_", " "), value: values });
  return text && text.toLowerCase() !== rule.toLowerCase() ? `${rule} (“${text}”)` : rule;
}

function attitudes({ attitudes: all }, change) {
  const found = all.filter(({ attitude }) => attitude);
  if (!found.length) return null;
  return section(
    "attitudes",
    h(
      "ul",
      { class: "rows" },
      [...found].reverse().map(({ item, attitude }) =>
        h(
          "li",
          { class: attitude > 0 ? "good" : "bad" },
          h("span", { class: "name" }, item.label),
          h(
            "select",
            { "aria-label": t("attitude_of", { title: item.label }), "data-key": `attitude-${item.id}`, onchange: (event) => change({ attitudes: { [item.id]: Number(event.target.value) } }) },
            [2, 1, -1, -2].map((level) => h("option", { value: level, selected: level === attitude }, t(`attitude.${level}`))),
          ),
          iconButton("close", t("remove_of", { what: item.label }), () => change({ attitudes: { [item.id]: 0 } }), { "data-key": `forget-${item.id}` }),
        ),
      ),
    ),
  );
}

function facets({ facets: found }, change) {
  if (!found.length) return null;
  return section(
    "facets",
    h(
      "ul",
      { class: "rows" },
      found.map(({ field, value, weight }) => {
        const what = NAMED.has(field) ? value : `${field.replaceAll("_", " ")}: ${value}`;
        const input = h("input", { type: "range", min: -2, max: 2, step: 0.5, value: weight, "aria-label": t("weight_of", { what }), "aria-valuetext": `${weight > 0 ? t("more_this") : t("less_this")} ${Math.abs(weight)}`, "data-key": `facet-${field}-${value}`, onchange: (event) => change({ facets: [{ field, value, weight: Number(event.target.value) }] }) });
        const at = ((weight + 2) / 4) * 100;
        input.style.setProperty("--from", `${Math.min(50, at)}%`);
        input.style.setProperty("--fill", `${Math.max(50, at)}%`);
        return h("li", { class: weight > 0 ? "good" : "bad" }, h("span", { class: "name" }, what), input, iconButton("close", t("remove_of", { what }), () => change({ facets: [{ field, value, weight: 0 }] }), { "data-key": `drop-${field}-${value}` }));
      }),
    ),
  );
}

function known(name, found, drop) {
  if (!found.length) return null;
  return section(`${name}_list`, h("ul", { class: "tags" }, found.map(({ id, label }) => chip(label, t("remove_of", { what: label }), `${name}-${id}`, () => drop(id)))));
}
