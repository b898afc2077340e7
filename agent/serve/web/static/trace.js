// How a list was made: stages, milliseconds, tokens, what went in and out.

import * as api from "./api.js";
import { h } from "./dom.js";
import { number, t } from "./i18n.js";
import { on, standing, state } from "./state.js";

export function tracePanel({ problem }) {
  const view = h("div", { class: "panel-content" });
  let chosen = null;

  async function load() {
    const turns = state.session ? standing(state.session.turns).filter((turn) => turn.list) : [];
    const turn = turns.find(({ seq }) => seq === chosen) ?? turns.at(-1);
    if (!turn) return view.replaceChildren(h("p", { class: "lede" }, t("trace_empty")));
    try {
      draw(turn, await api.trace(state.session.id, turn.seq));
    } catch (error) {
      problem(error);
    }
  }

  function draw(turn, stages) {
    const whole = stages.reduce((sum, stage) => sum + stage.milliseconds, 0);
    const longest = Math.max(1, ...stages.map((stage) => stage.milliseconds));
    const tokens = stages.reduce((sum, { tokens: used }) => sum + (used?.prompt ?? 0) + (used?.completion ?? 0), 0);
    const { strategy, model, prompt } = turn.list;
    view.replaceChildren(
      h("p", { class: "lede" }, t("trace_text")),
      h("blockquote", {}, turn.text),
      h("p", { class: "small" }, [t("trace_total", { ms: number(Math.round(whole)) }), tokens ? t("trace_tokens", { n: number(tokens) }) : "", model, prompt].filter(Boolean).join(" · ")),
      strategy ? h("p", { class: "small code" }, typeof strategy === "string" ? strategy : JSON.stringify(strategy)) : "",
      h("ol", { class: "stages" }, stages.map((stage) => row(stage, longest))),
    );
  }

  on("answered session", () => {
    chosen = null;
    if (view.isConnected && !view.closest("[hidden]")) load();
  });
  return { view, shown: load, choose: (seq) => (chosen = seq) };
}

function row({ stage, milliseconds, tokens, inputs, outputs, notes = [] }, longest) {
  const bar = h("span", { class: "bar", "aria-hidden": "true" }, h("i"));
  bar.firstChild.style.setProperty("width", `${Math.max(1, (milliseconds / longest) * 100)}%`);
  const used = (tokens?.prompt ?? 0) + (tokens?.completion ?? 0);
  return h(
    "li",
    {},
    h(
      "details",
      {},
      h("summary", {}, h("span", { class: "stage-name" }, stage), h("span", { class: "stage-facts" }, used ? `${t("trace_tokens", { n: `${number(tokens.prompt)} + ${number(tokens.completion)}` })} · ` : "", `${milliseconds < 10 ? milliseconds.toFixed(1) : number(Math.round(milliseconds))} ${t("trace_ms")}`), bar),
      notes.length ? h("ul", { class: "small" }, notes.map((note) => h("li", {}, note))) : "",
      data(t("trace_in"), inputs),
      data(t("trace_out"), outputs),
    ),
  );
}

function data(name, value) {
  if (!value || !Object.keys(value).length) return "";
  return h("div", {}, h("h4", {}, name), h("pre", { tabindex: "0", role: "region", "aria-label": name }, JSON.stringify(value, null, 2)));
}
