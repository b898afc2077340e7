// One recommended item.

import * as api from "./api.js";
import { cover } from "./cover.js";
import { h, icon, outLink } from "./dom.js";
import { maybe, number, t } from "./i18n.js";
import { mark, marks, on, say, state } from "./state.js";

const KINDS = ["like", "dislike", "seen"];
let count = 0;

/** A card; `recommendation` is one of a list, or `{item}` alone. */
export function card(recommendation, { lead = false, tag = "li" } = {}) {
  const { item } = recommendation;
  const reason = recommendation.reasons?.[0]?.text ?? "";
  const id = `more-${(count += 1)}`;
  const more = h("div", { class: "card-more", id, hidden: true });
  const open = () => toggle(box, more, recommendation);
  const title = h("button", { type: "button", class: "card-title", "aria-expanded": "false", "aria-controls": id, onclick: open }, item.title);
  const box = h(
    tag,
    { class: `card${lead ? " lead" : ""}`, "data-item": item.id, "data-label": item.label },
    h("div", { class: "card-cover", onclick: open }, cover(item)),
    h(
      "div",
      { class: "card-body" },
      h("h3", {}, title),
      facts(item),
      lead && item.description ? h("p", { class: "card-blurb" }, item.description) : null,
      reason ? h("p", { class: "card-why" }, reason) : null,
      recommendation.sources ? h("p", { class: "card-dev developers" }, [t("score"), recommendation.score.toFixed(3), "·", recommendation.sources.join(", ")].join(" ")) : null,
      actions(item, open, id),
    ),
    more,
  );
  if (recommendation.rank) box.prepend(h("span", { class: "card-rank", "aria-label": t("rank", { n: recommendation.rank }), role: "img" }, String(recommendation.rank)));
  show(box);
  return box;
}

function facts(item) {
  const parts = [item.year && h("span", {}, String(item.year)), ...item.categories.slice(0, 4).map((name) => h("span", { class: "category" }, name))].filter(Boolean);
  return parts.length ? h("p", { class: "card-facts" }, ...parts) : null;
}

function actions(item, open, id) {
  const title = item.label;
  const marking = KINDS.map((kind) =>
    h(
      "button",
      { type: "button", class: `mark ${kind}`, "data-kind": kind, title: t(kind), "aria-label": t(`${kind}_of`, { title }), "aria-pressed": "false", onclick: (event) => press(event.currentTarget, item, kind) },
      icon(kind),
    ),
  );
  return h(
    "div",
    { class: "card-actions" },
    ...marking,
    h("button", { type: "button", class: "mark more", title: t("more"), "aria-label": t("more_of", { title }), onclick: () => say(t("more_said", { title: item.label })) }, icon("more"), h("span", {}, t("more"))),
    h("button", { type: "button", class: "mark expand", "aria-label": t("why_of", { title }), "aria-expanded": "false", "aria-controls": id, onclick: open }, h("span", {}, t("why")), icon("down")),
  );
}

async function press(button, item, kind) {
  const was = button.getAttribute("aria-pressed");
  button.setAttribute("aria-pressed", String(was !== "true"));
  button.classList.add("pressed");
  try {
    await mark(item, kind);
  } catch (error) {
    button.setAttribute("aria-pressed", was);
    document.dispatchEvent(new CustomEvent("problem", { detail: error }));
  } finally {
    button.classList.remove("pressed");
  }
}

async function toggle(box, more, recommendation) {
  const opening = more.hidden;
  more.hidden = !opening;
  box.classList.toggle("open", opening);
  for (const button of box.querySelectorAll("[aria-expanded]")) button.setAttribute("aria-expanded", String(opening));
  if (!opening || more.childElementCount) return;
  const { item } = recommendation;
  const why = h("p", { class: "full-why" }, recommendation.reasons?.[0]?.text ?? "");
  const attributes = Object.entries(item.attributes ?? {}).filter(([, value]) => value !== null && value !== "");
  more.append(
    h("h4", {}, t("why_heading")),
    why,
    ...(item.description || attributes.length || item.categories.length ? [h("h4", {}, t("about_heading"))] : []),
    item.description ? h("p", { class: "description" }, item.description) : "",
    attributes.length || item.categories.length > 4
      ? h(
          "dl",
          {},
          ...(item.categories.length > 4 ? [h("dt", {}, maybe("field.categories") ?? "categories"), h("dd", {}, item.categories.join(", "))] : []),
          ...attributes.flatMap(([name, value]) => [h("dt", {}, name.replaceAll("_", " ")), h("dd", {}, shown(value))]),
        )
      : "",
    outLink(item.url, `${t("open_page")}: ${item.label}`, t("open_page"), icon("out")) ?? "",
  );
  if (!state.session) return;
  try {
    why.textContent = (await api.why(state.session.id, item.id)).text || why.textContent;
  } catch {
    // The short reason is there.
  }
}

function shown(value) {
  if (Array.isArray(value)) return value.map(shown).join(", ");
  return typeof value === "number" ? number(value) : typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Show what is known of a card's item on its buttons. */
function show(box) {
  const known = marks(box.dataset.item);
  for (const button of box.querySelectorAll("[data-kind]")) {
    if (!button.classList.contains("pressed")) button.setAttribute("aria-pressed", String(known.has(button.dataset.kind)));
  }
  for (const kind of KINDS) box.classList.toggle(`is-${kind}`, known.has(kind));
}

on("beliefs", () => document.querySelectorAll(".card").forEach(show));
