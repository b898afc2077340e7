// The conversation: what was said, the lists, the words around them.

import { card } from "./card.js";
import { arrows, h, icon } from "./dom.js";
import { kindWords, maybe, number, t } from "./i18n.js";
import { on, say, standing, state } from "./state.js";

const SKELETONS = 5;
const live = () => document.getElementById("live");

/** The scrolling middle of the page and what points to a question below, as `{view, nudge}`. `compose(text)` puts words into the message box, `trace(seq)` opens a trace. */
export function conversation({ compose, trace }) {
  const log = h("div", { class: "log" });
  const view = h("main", { class: "conversation", id: "conversation", tabindex: "-1" }, log);
  const drawn = new Map();
  const nudge = h("button", { type: "button", class: "nudge", hidden: true, onclick: () => log.lastElementChild?.querySelector(".options")?.scrollIntoView({ block: "end", behavior: smoothly() }) }, t("question_below"), icon("down"));
  const unseen = new IntersectionObserver(([{ isIntersecting }]) => (nudge.hidden = isIntersecting), { root: view, threshold: 0.5 });

  /** Tell of a question that is further down than one sees. */
  function watchQuestion() {
    unseen.disconnect();
    nudge.hidden = true;
    const asked = log.lastElementChild?.querySelector(".options");
    if (asked) unseen.observe(asked);
  }

  function redraw() {
    drawn.clear();
    const turns = state.session ? standing(state.session.turns).filter((turn) => turn.kind === "say") : [];
    log.replaceChildren(...(turns.length ? turns.map(past) : [welcome()]));
    markLast();
    view.scrollTop = view.scrollHeight;
    if (turns.length) log.lastElementChild.scrollIntoView({ block: "start" });
  }

  function past(turn) {
    const parts = draw(turn.text);
    if (turn.list) parts.list(turn.list);
    parts.words(turn.reply, turn.list);
    parts.done(turn);
    return parts.box;
  }

  function draw(text) {
    const answer = h("div", { class: "answer" });
    const box = h("article", { class: "turn" }, h("p", { class: "said" }, text), answer);
    const reply = h("p", { class: "reply" });
    return {
      box,
      wait() {
        const { items, kind } = state.config.catalog;
        answer.replaceChildren(
          h("p", { class: "waiting" }, t("thinking", { count: number(items), ...kindWords(kind) })),
          h("div", { class: "cards skeletons", "aria-hidden": "true" }, Array.from({ length: SKELETONS }, (_, n) => h("div", { class: `card skeleton${n ? "" : " lead"}` }, h("div", { class: "card-cover" }), h("div", { class: "card-body" }, h("i"), h("i"), h("i"))))),
        );
      },
      list(list) {
        const { items, degraded = [] } = list;
        answer.replaceChildren(
          items.length ? h("div", { class: "list-head" }, h("h2", {}, t("listed", { n: items.length, ...kindWords(state.config.catalog.kind, items.length) }))) : "",
          degraded.length ? h("p", { class: "degraded", role: "note" }, icon("info"), t("degraded", { what: degraded.map((name) => maybe(`degraded.${name}`) ?? name).join(", ") })) : "",
          items.length ? cards(items) : "",
        );
      },
      words(words, list) {
        reply.textContent = words.trim() || (list && !list.items.length ? [...list.notes, list.question ?? ""].join("\n").trim() : "");
        if (reply.textContent) answer.querySelector(".waiting")?.remove();
        if (reply.textContent && !list) answer.querySelector(".skeletons")?.remove();
        if (reply.textContent) answer.append(reply);
      },
      done(turn, { halted = false } = {}) {
        box.dataset.seq = turn?.seq ?? "";
        answer.querySelectorAll(".waiting, .skeletons").forEach((element) => element.remove());
        if (halted) answer.append(h("p", { class: "aside" }, t("stopped")));
        if (!turn?.seq) return;
        if (turn.list?.options.length) answer.append(options(turn.list.options));
        if (turn.list) {
          answer.querySelector(".list-head")?.append(h("button", { type: "button", class: "quiet developers", onclick: () => trace(turn.seq) }, icon("trace"), t("trace")));
        }
      },
      fail(pending) {
        const { error } = pending;
        const unreachable = !error.message;
        const message = unreachable ? t(pending.list ? "broke_off" : "unreachable") : error.message;
        answer.querySelectorAll(".waiting, .skeletons, .failure").forEach((element) => element.remove());
        const failure = h(
          "div",
          { class: "failure", role: "alert" },
          h("p", {}, h("strong", {}, t("failed")), " ", message),
          error.hint ? h("p", {}, error.hint) : "",
          error.requestId ? h("p", { class: "reference" }, t("reference", { id: error.requestId })) : "",
          h(
            "div",
            { class: "row" },
            h("button", { type: "button", class: "solid", onclick: () => say(pending.text, pending) }, t("retry")),
            pending.list ? "" : h("button", { type: "button", class: "outline", onclick: () => (compose(pending.text), remove(pending.id)) }, t("edit")),
          ),
        );
        answer.append(failure);
        return failure;
      },
    };
  }

  function remove(id) {
    drawn.get(id)?.box.remove();
    drawn.delete(id);
    if (!log.childElementCount) log.append(welcome());
    markLast();
  }

  function markLast() {
    for (const turn of log.children) turn.classList.toggle("last", turn === log.lastElementChild);
    watchQuestion();
  }

  on("session", redraw);
  on("started", ({ pending, again }) => {
    const parts = draw(pending.text);
    parts.wait();
    parts.box.classList.add("fresh");
    if (again && drawn.has(again.id)) drawn.get(again.id).box.replaceWith(parts.box);
    else if (log.querySelector(".welcome")) log.replaceChildren(parts.box);
    else log.append(parts.box);
    drawn.set(pending.id, parts);
    markLast();
    parts.box.scrollIntoView({ block: "start", behavior: smoothly() });
  });
  on("listed", (pending) => drawn.get(pending.id)?.list(pending.list));
  on("worded", (pending) => drawn.get(pending.id)?.words(pending.words, pending.list));
  on("answered", (pending) => {
    const { turn, list, stopped } = pending;
    const parts = drawn.get(pending.id);
    if (!parts) return;
    if (turn?.list && !list) parts.list(turn.list);
    parts.words(stopped ? pending.words : turn.reply, turn?.list ?? list);
    parts.done(turn, { halted: stopped });
    watchQuestion();
    live().textContent = announcement(turn?.list ?? list, turn?.reply ?? pending.words);
  });
  on("failed", (pending) => drawn.get(pending.id)?.fail(pending).scrollIntoView({ block: "nearest" }));
  on("withdrawn", (pending) => {
    remove(pending.id);
    compose(pending.text);
  });
  on("undone", (turn) => {
    if (turn?.kind !== "say") return;
    const failed = [...log.querySelectorAll(".turn:has(.failure)")];
    redraw();
    if (failed.length) log.querySelector(".welcome")?.remove();
    log.append(...failed);
    markLast();
    compose(turn.text, { onlyIfEmpty: true });
  });

  redraw();
  return { view, nudge };
}

const smoothly = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth");

function cards(items) {
  const list = h("ol", { class: "cards" }, items.map((recommendation, place) => card(recommendation, { lead: place === 0 && items.length !== 2 })));
  arrows(list, () => [...list.querySelectorAll(".card-title")]);
  return list;
}

function options(words) {
  return h("div", { class: "options", role: "group", "aria-label": t("answers") }, words.map((text) => h("button", { type: "button", class: "chip", onclick: () => say(text) }, text)));
}

function announcement(list, reply) {
  if (!list?.items.length) return reply;
  const { items } = list;
  const listed = t("listed", { n: items.length, ...kindWords(state.config.catalog.kind, items.length) });
  return `${t("announce", { listed, first: items[0].item.label })} ${reply}`;
}

function welcome() {
  const { kind, items } = state.config.catalog;
  const known = maybe(`starter.${kind}.1`) ? kind : "any";
  const starters = [1, 2, 3, 4].map((n) => maybe(`starter.${known}.${n}`)).filter(Boolean);
  return h(
    "section",
    { class: "welcome" },
    h("h1", {}, t("welcome")),
    h("p", {}, t("welcome_text", { count: number(items), ...kindWords(kind) })),
    h("ul", { class: "starters", "aria-label": t("starters") }, starters.map((text) => h("li", {}, h("button", { type: "button", class: "chip", onclick: () => say(text) }, text)))),
  );
}
