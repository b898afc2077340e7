// Covers for items without a picture: colours by category, shapes by item, always the same for the same item.

import { h, safeUrl, svg } from "./dom.js";

// Ground, two shapes, accent.
const PALETTES = [
  ["#1f3a4d", "#2f6f7e", "#e4b363", "#f3ead7"],
  ["#5a2a3c", "#9c4a55", "#e9a178", "#f7e6d6"],
  ["#20453b", "#3d7a63", "#d9c27e", "#f1ecd9"],
  ["#2e2a52", "#5a5698", "#d59bb6", "#efe6ef"],
  ["#6b3a1f", "#b5673a", "#efc07f", "#f8ecdb"],
  ["#26323f", "#546a7c", "#c9d3d6", "#eef1ef"],
  ["#4a1f1f", "#a33f37", "#e8a87c", "#f6e7dc"],
  ["#17404a", "#2b8a8c", "#f0a98a", "#f6ece1"],
  ["#3d3a1e", "#7d7a3a", "#d8cf8a", "#f3f0dc"],
  ["#3a2340", "#7b4b86", "#f0b98d", "#f4e8ec"],
];

const WIDE = 120;
const HIGH = 180;

/** A hash (FNV-1a) as a number from 0 up to 2^32. */
function hash(text) {
  let value = 2166136261;
  for (const char of text) value = Math.imul(value ^ char.codePointAt(0), 16777619);
  // The last bits of FNV differ too little between texts that differ only at their end.
  return Math.imul(value ^ (value >>> 15), 2246822519) >>> 0;
}

/** Repeatable chance: xorshift. */
function dice(seed) {
  let state = seed || 1;
  return (sides) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % sides;
  };
}

const circle = (cx, cy, r, fill, opacity) => svg("circle", { cx, cy, r, fill, opacity });
const path = (d, fill, opacity) => svg("path", { d, fill, opacity });

const SCENES = [
  // A sun over hills.
  (roll, [, mid, warm, pale]) => {
    const sun = [30 + roll(60), 42 + roll(26)];
    const hills = [0, 1, 2].map((n) => {
      const y = 96 + n * 24 + roll(14);
      const bend = 20 + roll(34);
      return path(`M0 ${y}C${30 + roll(20)} ${y - bend} ${70 + roll(20)} ${y + bend} ${WIDE} ${y - roll(20)}V${HIGH}H0z`, n === 1 ? warm : mid, [0.55, 0.4, 0.85][n]);
    });
    return [circle(...sun, 14 + roll(12), pale, 0.92), ...hills];
  },
  // Rings.
  (roll, [, mid, warm, pale]) => {
    const [x, y] = [roll(2) * WIDE, 30 + roll(80)];
    return [130, 104, 80, 58, 38, 20].map((r, n) => circle(x, y, r + roll(5), [mid, warm, mid, pale, mid, warm][n], [0.5, 0.55, 0.9, 0.85, 1, 1][n]));
  },
  // Tiles of quarter circles.
  (roll, [ground, mid, warm, pale]) => {
    const size = 40;
    const tiles = [];
    for (let y = 0; y < HIGH; y += size) {
      for (let x = 0; x < WIDE; x += size) {
        const colour = [mid, mid, warm, pale, ground][roll(5)];
        const [a, b] = [size, size];
        const arcs = [
          `M${x} ${y}h${a}A${a} ${b} 0 0 1 ${x} ${y + b}z`,
          `M${x + a} ${y}v${b}A${a} ${b} 0 0 1 ${x} ${y}z`,
          `M${x + a} ${y + b}h${-a}A${a} ${b} 0 0 1 ${x + a} ${y}z`,
          `M${x} ${y + b}v${-b}A${a} ${b} 0 0 1 ${x + a} ${y + b}z`,
        ];
        // A hair of stroke closes the seams between tiles.
        tiles.push(svg("path", { d: arcs[roll(4)], fill: colour, stroke: colour, "stroke-width": 0.4 }));
      }
    }
    return tiles;
  },
  // Bands that lean.
  (roll, [, mid, warm, pale]) => {
    const lean = 30 + roll(50);
    let y = -20 - roll(30);
    return [mid, warm, mid, pale, mid].map((colour, n) => {
      y += 26 + roll(26);
      const thick = 8 + roll(22);
      return path(`M0 ${y + lean}L${WIDE} ${y}V${y + thick}L0 ${y + lean + thick}z`, colour, [0.7, 0.9, 0.5, 0.8, 0.9][n]);
    });
  },
  // Circles that overlap.
  (roll, [, mid, warm, pale]) => {
    const x = 44 + roll(32);
    return [circle(x, 62, 40, mid, 0.95), circle(x - 14 + roll(40), 92 + roll(20), 30 + roll(10), warm, 0.85), circle(x + 20 - roll(40), 40 + roll(20), 12 + roll(10), pale, 0.9)];
  },
  // Columns.
  (roll, [, mid, warm, pale]) =>
    [0, 1, 2, 3, 4, 5].map((n) => {
      const high = 40 + roll(110);
      return path(`M${n * 20} ${HIGH}v${-high}a10 10 0 0 1 20 0v${high}z`, [mid, warm, mid, pale, mid, warm][(n + roll(3)) % 6], 0.85);
    }),
];

/** Up to two letters that stand for a title. */
export function initials(title) {
  const words = title.match(/[\p{L}\p{N}]+/gu) ?? [];
  const telling = words.filter((word) => !/^(the|a|an|of|and|in|on|to|for|with)$/i.test(word));
  const [first, second] = telling.length ? telling : words;
  if (!first) return "•";
  if (/\p{Script=Han}/u.test(first)) return [...first][0];
  return ([...first][0] + (second ? [...second][0] : "")).toUpperCase();
}

function drawn(item) {
  const palette = PALETTES[hash(item.categories[0] ?? item.title) % PALETTES.length];
  const seed = hash(`${item.id} ${item.title}`);
  const scene = SCENES[(seed >>> 8) % SCENES.length](dice(seed), palette);
  return svg(
    "svg",
    { viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "xMidYMin slice", class: "drawn", "aria-hidden": "true" },
    svg("rect", { width: WIDE, height: HIGH, fill: palette[0] }),
    ...scene,
  );
}

/** The item's own picture over a drawn cover, which is what is seen where there is none or it does not load. */
export function cover(item) {
  const box = h("div", { class: "cover", "aria-hidden": "true" }, drawn(item), h("span", { class: "letters" }, initials(item.title)));
  const src = item.image && safeUrl(item.image, { secureOnly: true });
  if (src) {
    const picture = h("img", { src, alt: "", loading: "lazy", decoding: "async", referrerpolicy: "no-referrer" });
    picture.addEventListener("load", () => picture.classList.add("here"));
    picture.addEventListener("error", () => picture.remove());
    box.append(picture);
  }
  return box;
}
