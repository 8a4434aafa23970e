import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { capitalise, formatMoney, formatPercent, formatDayTime, formatMoment } from "./format.js";

/**
 * @typedef {import("../src/bodies.ts").ScoreEventBody} ScoreEvent
 * @param {{
 *   scores: readonly ScoreEvent[],
 *   isBaseEmpty: boolean,
 *   onOpen: (customerId: string) => void,
 * }} props isBaseEmpty: nobody is known yet
 */
export function ScoreList({ scores, isBaseEmpty, onOpen }) {
  // A row must not slip away from under the pointer or the focus.
  const [held, setHeld] = useState(/** @type {readonly ScoreEvent[] | null} */ (null));
  const hold = () => setHeld((old) => old ?? (scores.length > 0 ? scores : null));
  /** @param {FocusEvent} event */
  const focusIn = (event) => {
    if (/** @type {Element} */ (event.target).matches(":focus-visible")) hold();
  };
  /** @param {FocusEvent} event */
  const focusOut = (event) => {
    const rows = /** @type {Element} */ (event.currentTarget);
    if (!(event.relatedTarget instanceof Node && rows.contains(event.relatedTarget))) setHeld(null);
  };
  /** @param {PointerEvent} event */
  const pointerLeave = (event) => {
    const rows = /** @type {Element} */ (event.currentTarget);
    if (rows.querySelector(":focus-visible") === null) setHeld(null);
  };
  const shown = held ?? scores;
  return html`
    <section class="panel stream" aria-labelledby="live">
      <h2 id="live">Live scores <span class="held" hidden=${held === null}>held while you look</span></h2>
      <div
        class="rows"
        onPointerEnter=${hold}
        onPointerMove=${hold}
        onPointerLeave=${pointerLeave}
        onFocusIn=${focusIn}
        onFocusOut=${focusOut}
      >
        <table>
          <thead>
            <tr>
              <th scope="col" class="when">As of</th>
              <th scope="col">Customer</th>
              <th scope="col">Tier</th>
              <th scope="col" class="stage">Stage</th>
              <th scope="col" class="number worth">Expected value</th>
              <th scope="col">Churn</th>
            </tr>
          </thead>
          <tbody>
            ${shown.map((score) => html`<${Row} key=${`${score.customerId}/${score.version}`} score=${score} onOpen=${onOpen} />`)}
          </tbody>
        </table>
        <div class="empty" hidden=${shown.length > 0}>
          <p>Scores appear here as events come in.</p>
          <div class="way-in" hidden=${!isBaseEmpty}>
            <p>No customer is known yet. A file of purchases, CSV or NDJSON, brings yours in:</p>
            <pre><code>npm run -s tidemark -- import FILE</code></pre>
            <p>A program sends them as events: <a href="/docs#post-v-events">POST /v1/events</a>.</p>
          </div>
        </div>
      </div>
    </section>
  `;
}

/** @param {{ score: ScoreEvent, onOpen: (customerId: string) => void }} props */
function Row({ score, onOpen }) {
  const { customerId, value } = score;
  return html`
    <tr class="row">
      <td class="when" title=${formatMoment(score.asOf)}>${formatDayTime(score.asOf)}</td>
      <td class="id">
        <button type="button" title=${customerId} onClick=${() => onOpen(customerId)}>${customerId}</button>
      </td>
      <td><${TierBadge} tier=${score.tier} /></td>
      <td class="stage">${capitalise(score.lifecycle)}</td>
      <td class="number worth">${value === null ? "–" : formatMoney(value.expectedMinor, value.currency)}</td>
      <td class="churn"><${ChurnBar} churn=${score.churn} /></td>
    </tr>
  `;
}

/** @param {{ tier: string | null }} props */
export function TierBadge({ tier }) {
  return html`<span class="badge tier-${tier ?? "none"}">${tier === null ? "No tier" : capitalise(tier)}</span>`;
}

/** The bands that alerts go by. @param {number | null} churn */
export function bandOf(churn) {
  if (churn === null) return "none";
  if (churn >= 0.7) return "high";
  return churn >= 0.5 ? "raised" : "low";
}

/** @param {{ churn: number | null }} props */
function ChurnBar({ churn }) {
  return html`
    <span class="churn-bar">
      <span class="track" aria-hidden="true">
        <span class="bar ${bandOf(churn)}" style=${{ width: `${(churn ?? 0) * 100}%` }}></span>
      </span>
      <span class="percent">${formatPercent(churn)}</span>
    </span>
  `;
}
