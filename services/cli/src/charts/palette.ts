/**
 * Colours by class, light and dark: rules in each picture, so that it fits the page it is put in. Each stands by itself and uses no
 * variables, which not every viewer of SVG knows.
 */
export function paletteStyle(): string {
  const light = RULES.map(([selector, property, colour]) => rule(selector, `${property}:${colour}`));
  const dark = RULES.map(([selector, property, , colour]) => rule(selector, `${property}:${colour}`));
  return [...LAYOUT, ...light, `@media (prefers-color-scheme:dark){${dark.join("")}}`].join("");
}

const FONT = 'system-ui,-apple-system,"Segoe UI",Roboto,"Open Sans","Noto Sans",sans-serif';

const LAYOUT = [
  `.tidemark-chart{max-width:100%;height:auto;font-family:${FONT};font-size:12px}`,
  rule(".chart-title", "font-size:17px;font-weight:600"),
  rule(".number", "font-variant-numeric:tabular-nums"),
  rule(".line", "fill:none;stroke-width:2.2;stroke-linejoin:round;stroke-linecap:round"),
  rule(".thin", "stroke-width:1.5"),
  // A figure that a line of the grid runs through stays readable.
  rule(".figure", "paint-order:stroke;stroke-width:4px;stroke-linejoin:round"),
  rule(".dashed", "stroke-dasharray:6 5"),
];

/** Selector, property, light, dark. The two series differ in lightness too, for readers who do not tell their hues. */
const RULES: readonly (readonly [string, string, string, string])[] = [
  [".ground", "fill", "#ffffff", "#172024"],
  ["text", "fill", "#14252b", "#e6eef0"],
  [".soft", "fill", "#526469", "#9db0b6"],
  [".figure", "stroke", "#ffffff", "#172024"],
  [".grid", "stroke", "#e6ebed", "#28353b"],
  [".axis", "stroke", "#8fa0a6", "#667a82"],
  [".reference", "stroke", "#7d8c93", "#93a5ac"],
  [".shade", "fill", "#f3f6f7", "#1d282d"],
  [".first-line", "stroke", "#0b7a83", "#4fc3c7"],
  [".first-area", "fill", "#0b7a83", "#4fc3c7"],
  [".second-line", "stroke", "#d0823f", "#f0b27c"],
  [".second-area", "fill", "#d0823f", "#f0b27c"],
  [".third-line", "stroke", "#5a6bb0", "#93a4e8"],
  [".third-area", "fill", "#5a6bb0", "#93a4e8"],
  [".mass", "fill", "#b9cdd1", "#3d5058"],
];

function rule(selector: string, declarations: string): string {
  return `.tidemark-chart ${selector}{${declarations}}`;
}
