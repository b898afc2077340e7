// Words in the user's language.

import en from "./locales/en.js";
import zh from "./locales/zh.js";
import { kept } from "./kept.js";

const LOCALES = { en, zh };
const chosen = kept.get("locale");
const spoken = navigator.languages.map((language) => language.slice(0, 2));

/** The language of the page: the one chosen, else the browser's, else English. */
export const locale = [chosen, ...spoken].find((code) => Object.hasOwn(LOCALES, code)) ?? "en";

export const languages = Object.entries(LOCALES).map(([code, words]) => ({ code, name: words.language }));

const plural = new Intl.PluralRules(locale);

/** Words by name. `{n}` chooses among `name.one` and `name.other`; other placeholders are filled as they are. */
export function t(name, values = {}) {
  const words = LOCALES[locale];
  const found = words[name] ?? words[`${name}.${plural.select(values.n ?? 0)}`] ?? words[`${name}.other`] ?? name;
  return found.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}

/** Words that are there for some names only, else null. */
export const maybe = (name) => LOCALES[locale][name] ?? null;

/** What one or many items of a catalog are called. */
const kindName = (kind, n = 2) => maybe(`kind.${kind}.${n === 1 ? "one" : "other"}`) ?? (locale === "en" && kind !== "item" ? (n === 1 ? kind : `${kind}s`) : t(n === 1 ? "kind.item.one" : "kind.item.other"));

/** The words for items of a catalog that phrases are filled with. */
export const kindWords = (kind, n = 2) => ({ kind: kindName(kind, n), kinds: kindName(kind), measure: maybe(`kind.${kind}.measure`) ?? maybe("kind.item.measure") ?? "" });

export const number = (value) => new Intl.NumberFormat(locale).format(value);
export const percent = (value) => new Intl.NumberFormat(locale, { style: "percent" }).format(value);

/** "5 minutes ago". */
export function ago(iso) {
  const seconds = (Date.parse(iso) - Date.now()) / 1000;
  const format = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  for (const [unit, size] of [["day", 86400], ["hour", 3600], ["minute", 60]]) {
    if (Math.abs(seconds) >= size) return format.format(Math.round(seconds / size), unit);
  }
  return t("just_now");
}
