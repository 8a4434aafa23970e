import { html } from "htm/preact";
import { useEffect, useState } from "preact/hooks";
import { fetchBase, KeyRequired } from "./api.js";
import { capitalise, formatFinePercent, formatPercent, formatShort, formatWholeMoney } from "./format.js";
import { askForKey } from "./key-dialog.js";

/** @typedef {import("../src/base-body.ts").BaseBody} Base */

/** The figures move slowly: a call each second would tell nothing new. */
const BASE_EVERY_MS = 5000;

const TIERS = ["platinum", "gold", "silver", "development", "optimisation"];

/** What the whole base is worth, and how it is doing. */
export function BasePanel() {
  const base = useBase();
  return html`
    <section class="panel base" aria-labelledby="base">
      <h2 id="base">Expected value by tier</h2>
      <ul>
        ${TIERS.map((name) => html`<${TierValue} key=${name} name=${name} base=${base} />`)}
      </ul>
      <dl class="figures">
        ${figuresOf(base).map(
          ([name, value, title]) => html`
            <div key=${name} title=${title}>
              <dt>${name}</dt>
              <dd>${value}</dd>
            </div>
          `,
        )}
      </dl>
    </section>
  `;
}

/** @param {{ name: string, base: Base | null }} props */
function TierValue({ name, base }) {
  const minor = base?.by.tier.groups.find((group) => group.name === name)?.value.expectedMinor ?? 0;
  const all = base?.all.value.expectedMinor ?? 0;
  const share = all === 0 ? 0 : minor / all;
  return html`
    <li>
      <span class="name">${capitalise(name)}</span>
      <span class="track" aria-hidden="true">
        <span class="bar tier-${name}" style=${{ width: `${share * 100}%` }}></span>
      </span>
      <span class="count">${base === null ? "–" : formatWholeMoney(minor, base.currency)}</span>
      <span class="share">${formatPercent(share)}</span>
    </li>
  `;
}

/**
 * @param {Base | null} base
 * @returns {readonly (readonly [string, string, string])[]} name, value and definition
 */
function figuresOf(base) {
  const { all, months, concentration } = base ?? { all: null, months: [], concentration: null };
  const last = months.findLast(({ complete }) => complete) ?? null;
  const money = (/** @type {number | undefined} */ minor) =>
    base === null || minor === undefined ? "–" : formatWholeMoney(minor, base.currency);
  const number = (/** @type {number | null | undefined} */ value) =>
    value === null || value === undefined ? "–" : formatShort(value);
  return [
    ["Expected", money(all?.value.expectedMinor), "Discounted margin over the value horizon"],
    ["At risk", money(all?.value.atRiskMinor), "The part of the worth that churn puts at risk"],
    [
      "Churn",
      formatFinePercent(last?.churnRate ?? null),
      `Last month: buyers who lapsed (${base?.lapseDays ?? 90} days without a purchase) among those active when the month began`,
    ],
    ["Buy again", formatPercent(all?.repurchaseRate ?? null), "Buyers with a purchase on a second day"],
    [
      "Top fifth",
      formatPercent(concentration?.topFifthShare ?? null),
      "Share of all revenue of the fifth of the buyers with the most",
    ],
    ["NPS", number(all?.nps.score), "Promoters less detractors in a hundred, by the newest rating of each"],
    ["CSI", number(all?.csi.mean), "Mean satisfaction, 1 to 5"],
    ["Complained", formatFinePercent(all?.complaints.rate ?? null), "Customers who complained"],
  ];
}

/** Asks for the figures now and then while the page is seen. */
function useBase() {
  const [base, setBase] = useState(/** @type {Base | null} */ (null));
  useEffect(() => {
    let timer = 0;
    const poll = async () => {
      try {
        if (!document.hidden) setBase(await fetchBase());
      } catch (error) {
        // Anything else shows in the stream's status; the next call tries again.
        if (error instanceof KeyRequired) await askForKey();
      }
      timer = setTimeout(run, BASE_EVERY_MS);
    };
    const run = () => void poll();
    run();
    return () => clearTimeout(timer);
  }, []);
  return base;
}
