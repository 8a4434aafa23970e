import { html } from "htm/preact";
import { formatCount } from "./format.js";

/**
 * @param {{
 *   summary: import("../src/bodies.ts").SummaryBody | null,
 *   rate: import("./page.js").Rate | null,
 * }} props
 */
export function Tiles({ summary, rate }) {
  return html`
    <ul class="tiles">
      <${Tile} label="Customers" value=${summary === null ? null : summary.customers} />
      <${Tile} label="Events a second" value=${rate === null ? null : Math.round(rate.events)} tone="events" />
      <${Tile} label="Scores a second" value=${rate === null ? null : Math.round(rate.scores)} tone="scores" />
    </ul>
  `;
}

/** @param {{ label: string, value: number | null, tone?: string }} props */
function Tile({ label, value, tone = "plain" }) {
  return html`
    <li class="tile ${tone}">
      <span class="label">${label}</span>
      <span class="value">${value === null ? "–" : formatCount(value)}</span>
    </li>
  `;
}
