// Where one writes, tunes the list, stops the answer and takes things back.

import { h, icon, iconButton } from "./dom.js";
import { percent, t } from "./i18n.js";
import { held } from "./kept.js";
import { on, say, state, stop, tune, undo } from "./state.js";

/** The composer as `{view, compose, focus}`. */
export function composer({ problem }) {
  const input = h("textarea", { id: "message", rows: 1, maxlength: 4000, autocomplete: "off", enterkeyhint: "send", "aria-label": t("say"), placeholder: t("say_hint") });
  const go = iconButton("send", t("send"), () => {}, { type: "submit", class: "icon-button go" });
  const halt = iconButton("stop", t("stop"), stop, { class: "icon-button go halt", hidden: true });
  const back = iconButton("undo", t("undo_last"), () => undo().catch(problem), { id: "undo", disabled: true });
  const panel = tuning();
  const toggle = iconButton("tune", t("tune"), () => show(panel.hidden), { id: "tune", "aria-expanded": "false", "aria-controls": "tuning" });
  const tuned = h("p", { class: "tuned", "aria-live": "off" });

  const form = h(
    "form",
    { class: "composer-box", onsubmit: (event) => (event.preventDefault(), submit()) },
    input,
    h("div", { class: "composer-row" }, toggle, back, tuned, h("span", { class: "grow" }), go, halt),
  );
  const view = h("div", { class: "composer" }, panel, form);

  function submit() {
    const text = input.value.trim();
    if (!text || state.pending) return;
    set("");
    show(false);
    say(text);
  }

  function set(text) {
    input.value = text;
    held.set("draft", text || null);
    grow();
  }

  function grow() {
    input.style.height = "auto";
    input.style.height = `${Math.min(input.scrollHeight, 180)}px`;
    go.disabled = !input.value.trim();
  }

  function show(open) {
    panel.hidden = !open;
    toggle.setAttribute("aria-expanded", String(open));
    if (open) panel.querySelector("input").focus();
  }

  function sync() {
    const { variety, novelty, length } = state.tuning;
    tuned.textContent = [variety === null ? "" : t("tuned_variety", { value: percent(variety) }), novelty ? t("tuned_novelty", { value: percent(novelty) }) : "", length === null ? "" : t("tuned_length", { n: length })].filter(Boolean).join(" · ");
    toggle.classList.toggle("on", Boolean(tuned.textContent));
  }

  input.addEventListener("input", () => {
    held.set("draft", input.value || null);
    grow();
  });
  input.addEventListener("keydown", (event) => {
    // Enter that ends an input method's composition is not meant to send.
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) {
      event.preventDefault();
      submit();
    }
  });
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    show(false);
    toggle.focus();
  });
  on("started", () => {
    go.hidden = true;
    halt.hidden = false;
  });
  on("idle", () => {
    go.hidden = false;
    halt.hidden = true;
  });
  on("session taken beliefs answered undone opened idle", () => {
    back.disabled = !state.session?.can_undo || Boolean(state.pending);
    input.placeholder = t(state.session?.shown ? "say_more" : "say_hint");
  });
  on("started", () => (back.disabled = true));
  on("tuning", sync);
  sync();
  queueMicrotask(() => set(held.get("draft") ?? ""));

  return {
    view,
    focus: () => input.focus(),
    compose(text, { onlyIfEmpty = false } = {}) {
      if (onlyIfEmpty && input.value.trim()) return;
      set(text);
      input.focus();
    },
  };
}

function tuning() {
  const sliders = [
    slider("variety", { max: 1, step: 0.1, auto: true, rests: 0.2 }),
    slider("novelty", { max: 1, step: 0.1 }),
    slider("length", { min: 1, max: 20, step: 1, auto: true, plain: true, rests: 10 }),
  ];
  const reset = h("button", { type: "button", class: "quiet", onclick: () => tune({ variety: null, novelty: 0, length: null }) }, t("tune_reset"));
  return h("section", { class: "tuning", id: "tuning", hidden: true, "aria-label": t("tune") }, ...sliders, h("div", { class: "row" }, h("p", { class: "hint" }, t("tune_next")), h("span", { class: "grow" }), reset));
}

function slider(name, { min = 0, max, step, auto = false, plain = false, rests = 0 }) {
  const input = h("input", { type: "range", id: `tune-${name}`, name, min, max, step, "aria-describedby": `tune-${name}-hint` });
  const output = h("output", { for: `tune-${name}` });
  const sync = () => {
    const value = state.tuning[name];
    input.value = value ?? rests;
    const text = auto && value === null ? t("tune_auto") : plain ? String(value) : percent(value);
    output.textContent = text;
    input.setAttribute("aria-valuetext", text);
    input.classList.toggle("auto", value === null);
    input.style.setProperty("--fill", `${((input.value - min) / (max - min)) * 100}%`);
  };
  input.addEventListener("input", () => tune({ [name]: Math.round(Number(input.value) * 10) / 10 }));
  on("tuning", sync);
  sync();
  return h("div", { class: "slider" }, h("label", { for: `tune-${name}` }, t(`tune_${name}`)), input, output, h("p", { class: "hint", id: `tune-${name}-hint` }, t(`tune_${name}_hint`)));
}
