import { html } from "htm/preact";
import { capitalise, formatCount, formatPercent } from "./format.js";

/**
 * Counts by name as bars, each as long as its share of all.
 * @param {{
 *   title: string,
 *   names: readonly string[],
 *   counts: Readonly<Record<string, number>> | null,
 *   kind: "tier" | "stage",
 * }} props
 */
export function Breakdown({ title, names, counts, kind }) {
  const all = Object.values(counts ?? {}).reduce((sum, count) => sum + count, 0);
  return html`
    <section class="panel breakdown" aria-labelledby=${`by-${kind}`}>
      <h2 id=${`by-${kind}`}>${title}</h2>
      <ul>
        ${names.map((name) => {
          const count = counts?.[name] ?? 0;
          const share = all === 0 ? 0 : count / all;
          return html`
            <li key=${name}>
              <span class="name">${name === "none" ? "No tier yet" : capitalise(name)}</span>
              <span class="track" aria-hidden="true">
                <span class="bar ${kind}-${name}" style=${{ width: `${share * 100}%` }}></span>
              </span>
              <span class="count">${formatCount(count)}</span>
              <span class="share">${formatPercent(share)}</span>
            </li>
          `;
        })}
      </ul>
    </section>
  `;
}
