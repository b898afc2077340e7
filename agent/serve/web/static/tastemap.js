// The taste map: items by likeness, those that mean something to the user marked.

import * as api from "./api.js";
import { card } from "./card.js";
import { h, iconButton, svg } from "./dom.js";
import { kindWords, t } from "./i18n.js";
import { ensureSession, on, state } from "./state.js";

const KINDS = ["liked", "disliked", "seen", "shown", "other"];
const SIZE = 400;
const EDGE = 22;
const NEAR = 16;
const CLOSEST = 4;

export function mapPanel({ problem }) {
  const plot = h("div", { class: "plot" });
  const detail = h("div", { class: "plot-detail" });
  const table = h("details", { class: "plot-table" });
  const view = h("div", { class: "panel-content" }, h("p", { class: "lede" }, t("taste_text", { ...kindWords(state.config.catalog.kind) })), plot, legend(), detail, table);
  let stale = true;

  async function load() {
    if (!view.isConnected || view.closest("[hidden]") || !stale) return;
    stale = false;
    try {
      const { id } = await ensureSession();
      const { points } = await api.map(id);
      draw(points);
    } catch (error) {
      stale = true;
      problem(error);
    }
  }

  function draw(points) {
    const own = points.filter((point) => point.kind !== "other");
    plot.replaceChildren(...chart(points, own, open));
    if (!own.length) plot.append(h("p", { class: "plot-empty" }, t("taste_empty")));
    table.hidden = !own.length;
    table.replaceChildren(
      h("summary", {}, t("as_table")),
      h(
        "table",
        {},
        h("thead", {}, h("tr", {}, ["title", "kind", "interest"].map((name) => h("th", { scope: "col" }, t(`column_${name}`))))),
        h("tbody", {}, own.map((point) => h("tr", {}, h("th", { scope: "row" }, point.label), h("td", {}, t(`point.${point.kind}`)), h("td", {}, point.interest ?? "–")))),
      ),
    );
  }

  async function open(point) {
    try {
      const item = await api.item(point.id);
      detail.replaceChildren(card({ item }, { tag: "div" }));
    } catch (error) {
      problem(error);
    }
  }

  on("beliefs session", () => {
    stale = true;
    load();
  });
  on("session", () => detail.replaceChildren());
  return { view, shown: load };
}

function legend() {
  return h(
    "ul",
    { class: "legend" },
    KINDS.map((kind) => h("li", {}, svg("svg", { viewBox: "-8 -8 16 16", "aria-hidden": "true" }, shape(kind)), t(`point.${kind}`))),
  );
}

/** Kinds differ in shape as well as in colour. */
function shape(kind) {
  const drawn = {
    liked: () => svg("circle", { r: 5.5 }),
    disliked: () => svg("path", { d: "m-4-4 8 8m0-8-8 8" }),
    seen: () => svg("circle", { r: 4.5 }),
    shown: () => svg("path", { d: "m0-5.5 5.5 5.5L0 5.5-5.5 0z" }),
    other: () => svg("circle", { r: 1.8 }),
  };
  const found = drawn[kind] ?? drawn.other;
  const mark = found();
  mark.setAttribute("class", `point-mark ${kind}`);
  return mark;
}

function chart(points, own, open) {
  const [across, up] = [fitted(points.map(({ x }) => x)), fitted(points.map(({ y }) => -y))];
  const place = ({ x, y }) => [across(x), up(-y)];
  const label = h("div", { class: "plot-label", "aria-hidden": "true", hidden: true });
  const frame = { x: 0, y: 0, size: SIZE };
  const root = svg("svg", { viewBox: `0 0 ${SIZE} ${SIZE}`, class: "plot-svg", role: "group", "aria-label": t("taste_plot", { ...kindWords(state.config.catalog.kind) }) });
  const order = [...points].sort((a, b) => KINDS.indexOf(b.kind) - KINDS.indexOf(a.kind));
  const nodes = order.map((point) => {
    const mine = point.kind !== "other";
    const name = [point.label, t(`point.${point.kind}`), point.interest].filter(Boolean).join(", ");
    const mark = svg("g", { class: "point", ...(mine ? { role: "button", tabindex: "-1", "aria-label": name } : { "aria-hidden": "true" }) }, shape(point.kind));
    return { point, mark, mine, at: place(point) };
  });
  const mine = nodes.filter((node) => node.mine);
  mine.at(-1)?.mark.setAttribute("tabindex", "0");

  function arrange() {
    const scale = frame.size / SIZE;
    root.setAttribute("viewBox", `${frame.x} ${frame.y} ${frame.size} ${frame.size}`);
    // Marks keep their size while the map grows.
    for (const { mark, at } of nodes) mark.setAttribute("transform", `translate(${at[0]} ${at[1]}) scale(${scale})`);
    for (const name of root.querySelectorAll(".interest-name")) name.setAttribute("font-size", 12 * scale);
  }

  function zoom(factor, [cx, cy] = [frame.x + frame.size / 2, frame.y + frame.size / 2]) {
    const size = Math.min(SIZE, Math.max(SIZE / 12, frame.size * factor));
    const ratio = size / frame.size;
    frame.x = Math.min(SIZE - size, Math.max(0, cx - (cx - frame.x) * ratio));
    frame.y = Math.min(SIZE - size, Math.max(0, cy - (cy - frame.y) * ratio));
    frame.size = size;
    arrange();
  }

  function say(node) {
    label.hidden = !node;
    root.querySelector(".point.near")?.classList.remove("near");
    if (!node) return;
    node.mark.classList.add("near");
    const [x, y] = [(node.at[0] - frame.x) / frame.size, (node.at[1] - frame.y) / frame.size];
    label.textContent = node.point.label;
    label.append(h("small", {}, [t(`point.${node.point.kind}`), node.point.interest].filter(Boolean).join(" · ")));
    label.style.setProperty("left", `${Math.min(82, Math.max(18, x * 100))}%`);
    label.style.setProperty("top", `${y * 100}%`);
    label.classList.toggle("below", y < 0.2);
  }

  function under(event) {
    const box = root.getBoundingClientRect();
    const [x, y] = [frame.x + ((event.clientX - box.left) / box.width) * frame.size, frame.y + ((event.clientY - box.top) / box.height) * frame.size];
    const reach = (NEAR * frame.size) / box.width;
    let best = null;
    for (const node of nodes) {
      const far = Math.hypot(node.at[0] - x, node.at[1] - y) - (node.mine ? (CLOSEST * frame.size) / box.width : 0);
      if (far <= reach && (!best || far < best.far)) best = { node, far };
    }
    return { node: best?.node ?? null, x, y };
  }

  let dragged = null;
  root.addEventListener("pointerdown", (event) => (dragged = { x: event.clientX, y: event.clientY, moved: false }));
  root.addEventListener("pointermove", (event) => {
    const box = root.getBoundingClientRect();
    if (dragged && event.buttons && frame.size < SIZE) {
      const [dx, dy] = [event.clientX - dragged.x, event.clientY - dragged.y];
      if (!dragged.moved && Math.hypot(dx, dy) < 4) return;
      frame.x = Math.min(SIZE - frame.size, Math.max(0, frame.x - (dx / box.width) * frame.size));
      frame.y = Math.min(SIZE - frame.size, Math.max(0, frame.y - (dy / box.height) * frame.size));
      dragged = { x: event.clientX, y: event.clientY, moved: true };
      say(null);
      arrange();
    } else say(under(event).node);
  });
  root.addEventListener("pointerleave", () => say(null));
  root.addEventListener("click", (event) => {
    const { node } = under(event);
    if (node && !dragged?.moved) open(node.point);
  });
  root.addEventListener("keydown", (event) => {
    const from = mine.find((node) => node.mark === document.activeElement);
    if (!from) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      open(from.point);
    }
    const way = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!way) return;
    event.preventDefault();
    const next = towards(from, way, mine);
    if (!next) return;
    from.mark.setAttribute("tabindex", "-1");
    next.mark.setAttribute("tabindex", "0");
    next.mark.focus();
  });
  for (const node of mine) {
    node.mark.addEventListener("focus", () => say(node));
    node.mark.addEventListener("blur", () => say(null));
  }

  root.append(...nodes.map((node) => node.mark), ...interestNames(mine));
  arrange();
  const tools = h("div", { class: "plot-tools" }, iconButton("plus", t("zoom_in"), () => zoom(0.6)), iconButton("minus", t("zoom_out"), () => zoom(1 / 0.6)), iconButton("fit", t("zoom_fit"), () => zoom(100)));
  return [root, label, tools];
}

/** From the range of the values to the width of the map. */
function fitted(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return (value) => (high > low ? EDGE + ((value - low) / (high - low)) * (SIZE - 2 * EDGE) : SIZE / 2);
}

/** The nearest point in a direction: what lies off its axis counts double. */
function towards(from, [dx, dy], nodes) {
  let best = null;
  for (const node of nodes) {
    const [x, y] = [node.at[0] - from.at[0], node.at[1] - from.at[1]];
    const along = x * dx + y * dy;
    if (node === from || along <= 0) continue;
    const cost = along + 2 * Math.abs(x * dy + y * dx);
    if (!best || cost < best.cost) best = { node, cost };
  }
  return best?.node ?? null;
}

function interestNames(nodes) {
  const groups = Map.groupBy?.(nodes.filter((node) => node.point.interest), (node) => node.point.interest) ?? new Map();
  return [...groups].map(([name, members]) => {
    const mean = (axis) => members.reduce((sum, node) => sum + node.at[axis], 0) / members.length;
    return svg("text", { x: Math.min(SIZE - 60, Math.max(60, mean(0))), y: Math.max(16, mean(1) - 12), class: "interest-name", "aria-hidden": "true" }, name.length > 28 ? `${name.slice(0, 27)}…` : name);
  });
}
