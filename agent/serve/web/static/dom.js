// Builds elements. Text only ever becomes text nodes: nothing that users or catalogs say is parsed as markup.

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes (`onclick` and the like are listeners; null and false are left out) and children. */
export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked") element[name] = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** The address where it is http or https, else null: catalogs may hold anything. */
export function safeUrl(text, { secureOnly = false } = {}) {
  try {
    const url = new URL(String(text));
    const allowed = secureOnly ? ["https:"] : ["https:", "http:"];
    return allowed.includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/** A link out of the page with a name of its own, or null where the address is not http(s). */
export function outLink(address, label, ...children) {
  const href = safeUrl(address);
  return href && h("a", { href, target: "_blank", rel: "noopener noreferrer", class: "out", "aria-label": label }, ...children);
}

const PATHS = {
  like: ["M7 11v9H4v-9zm0 0 4-8c1.8 0 2.6 1.3 2.3 2.9L12.7 9H19a2 2 0 0 1 2 2.4l-1.4 7a2 2 0 0 1-2 1.6H7"],
  seen: ["M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z", "M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z"],
  more: ["M4 7h9M4 12h6M4 17h6", "M17 12v8M13 16h8"],
  down: ["m6 9 6 6 6-6"],
  undo: ["M8 5 4 9l4 4", "M4 9h10a6 6 0 0 1 0 12h-3"],
  send: ["M12 20V4M5 11l7-7 7 7"],
  stop: ["M7 7h10v10H7z"],
  tune: ["M4 7h8M18 7h2M4 17h2M12 17h8", "M15 4.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5zM9 14.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z"],
  you: ["M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8z", "M4.5 20.5a7.5 7.5 0 0 1 15 0"],
  map: ["M4 4v16h16", "M9 14h.01M13 9h.01M16 13h.01M18 6h.01M11 17h.01"],
  trace: ["m8 7-5 5 5 5M16 7l5 5-5 5"],
  settings: ["M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z", "M12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.1 2.1M16.3 16.3l2.1 2.1M18.4 5.6l-2.1 2.1M7.7 16.3l-2.1 2.1"],
  menu: ["M4 7h16M4 12h16M4 17h10"],
  plus: ["M12 5v14M5 12h14"],
  minus: ["M5 12h14"],
  close: ["m6 6 12 12M18 6 6 18"],
  bin: ["M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13"],
  sun: ["M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8z", "M12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.4M17.6 17.6 19 19M19 5l-1.4 1.4M6.4 17.6 5 19"],
  moon: ["M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z"],
  out: ["M9 5H5v14h14v-4", "M13 4h7v7M20 4l-9 9"],
  info: ["M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z", "M12 11v5M12 8h.01"],
  fit: ["M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5"],
};

/** A line drawing that assistive technology passes over. */
export function icon(name) {
  const turned = name === "dislike" ? "rotate(180 12 12)" : null;
  const paths = PATHS[name === "dislike" ? "like" : name].map((d) => svg("path", { d, transform: turned }));
  return svg("svg", { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true", focusable: "false" }, ...paths);
}

/** A button that shows only an icon, named for everybody. */
export function iconButton(name, label, onclick, attributes = {}) {
  return h("button", { type: "button", class: "icon-button", title: label, "aria-label": label, onclick, ...attributes }, icon(name));
}

/** Arrow keys, Home and End move the focus among the elements that `find` returns. */
export function arrows(container, find) {
  container.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1, Home: -Infinity, End: Infinity }[event.key];
    if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.target.closest("input, select, textarea")) return;
    const all = find();
    const at = all.findIndex((element) => element === document.activeElement || element.parentElement.closest("li, [role=tablist]")?.contains(document.activeElement));
    if (at < 0) return;
    event.preventDefault();
    all[Math.min(all.length - 1, Math.max(0, at + step))].focus();
  });
}
