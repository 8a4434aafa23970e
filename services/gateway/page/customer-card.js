import { html } from "htm/preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { fetchCustomer, KeyRequired, Refused } from "./api.js";
import {
  capitalise,
  formatCount,
  formatFinePercent,
  formatLogit,
  formatMoment,
  formatMoney,
  formatShort,
} from "./format.js";
import { askForKey } from "./key-dialog.js";
import { bandOf, TierBadge } from "./score-list.js";

/**
 * @typedef {import("../src/bodies.ts").CustomerBody} Customer
 * @typedef {import("../src/bodies.ts").ScoreBody} Score
 * @typedef {{ kind: "loading" } | { kind: "shown", customer: Customer } | { kind: "failed", message: string }} Card
 */

/**
 * @param {{
 *   customerId: string | null,
 *   version: number,
 *   onClose: (customerId: string | null) => void,
 * }} props version: of the newest score seen; a newer one than shown fetches the card again
 */
export function CustomerCard({ customerId, version, onClose }) {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const shown = useRef(customerId);
  const card = useCustomer(customerId, version);

  useEffect(() => {
    if (customerId === null) dialog.current?.close();
    else if (dialog.current?.open === false) dialog.current.showModal();
    if (customerId !== null) shown.current = customerId;
  }, [customerId]);
  const close = () => onClose(shown.current);

  return html`
    <dialog
      ref=${dialog}
      class="card"
      aria-labelledby="card-title"
      onClose=${() => dialog.current?.open === false && close()}
      onClick=${(/** @type {MouseEvent} */ event) => event.target === dialog.current && close()}
    >
      <article>
        <div class="card-head">
          <h2 id="card-title">${customerId ?? ""}</h2>
          ${card.kind === "shown" && html`<${TierBadge} tier=${card.customer.now.tier} />`}
          ${card.kind === "shown" && html`<span class="badge stage">${capitalise(card.customer.now.lifecycle)}</span>`}
          <button type="button" class="close" aria-label="Close" onClick=${close}>×</button>
        </div>
        ${card.kind === "loading" && html`<p class="note" role="status">Looking up …</p>`}
        ${card.kind === "failed" && html`<p class="note" role="alert">${card.message}</p>`}
        ${card.kind === "shown" && html`<${Details} customer=${card.customer} />`}
      </article>
    </dialog>
  `;
}

/**
 * @param {string | null} customerId
 * @param {number} version
 * @returns {Card}
 */
function useCustomer(customerId, version) {
  const [card, setCard] = useState(/** @type {Card} */ ({ kind: "loading" }));
  useEffect(() => setCard({ kind: "loading" }), [customerId]);
  useEffect(() => {
    if (customerId === null) return undefined;
    const abort = new AbortController();
    const load = async () => {
      try {
        setCard({ kind: "shown", customer: await fetchCustomer(customerId, abort.signal) });
      } catch (error) {
        if (abort.signal.aborted) return;
        if (error instanceof KeyRequired) {
          await askForKey();
          await load();
          return;
        }
        const message =
          error instanceof Refused && error.status === 404
            ? "No customer has this id."
            : error instanceof Refused
              ? error.message
              : "The server cannot be reached.";
        setCard({ kind: "failed", message });
      }
    };
    void load();
    return () => abort.abort();
  }, [customerId, version]);
  return card;
}

/** @param {{ customer: Customer }} props */
function Details({ customer }) {
  const { now, profile, contract } = customer;
  const { value } = now;
  return html`
    ${
      now.churn === null
        ? html`<p class="note">A prospect: no purchase and no contract, so no churn, no value and no tier.</p>`
        : html`
            <section aria-labelledby="card-churn">
              <h3 id="card-churn">${churnTitle(now)}</h3>
              <${Meter} label="Now" share=${now.churn} tone=${bandOf(now.churn)} />
              ${
                hasReason(now, "SILENCE") &&
                html`<${Meter} label="After the last purchase" share=${now.churnAfterLastPurchase} tone="then" />`
              }
            </section>
          `
    }
    ${
      value !== null &&
      html`
        <section aria-labelledby="card-value">
          <h3 id="card-value">Value</h3>
          <dl class="figures">
            <${Figure} label="Earned so far" value=${formatMoney(value.realisedMinor, value.currency)} />
            <${Figure} label="Expected" value=${formatMoney(value.expectedMinor, value.currency)} />
            <${Figure} label="At risk" value=${formatMoney(value.atRiskMinor, value.currency)} />
          </dl>
        </section>
      `
    }
    ${contract !== null && html`<${Contract} contract=${contract} />`}
    ${now.reasons.length > 0 && html`<${Reasons} score=${now} />`}
    <section aria-labelledby="card-profile">
      <h3 id="card-profile">Profile</h3>
      <dl class="figures">
        <${Figure} label="Spent on purchases" value=${formatMoney(profile.spendMinor, profile.currency)} />
        <${Figure} label="Purchases" value=${formatCount(profile.purchases)} />
        ${
          profile.purchases > 0 &&
          html`
            <${Figure} label="Repeat purchase days" value=${formatCount(profile.x)} />
            <${Figure} label="First to last purchase" value=${`${formatShort(profile.txWeeks)} weeks`} />
            <${Figure} label="Since the first purchase" value=${`${formatShort(profile.tWeeks)} weeks`} />
          `
        }
        <${Figure} label="Open complaints" value=${formatCount(profile.complaintsOpen)} />
        <${Figure} label="Last event" value=${formatMoment(profile.lastEventAt)} wide=${true} />
      </dl>
    </section>
    <p class="source">
      As of ${formatMoment(now.asOf)}, score ${formatCount(customer.score.version)}, model ${now.model.name}
      ${" "}${now.model.version}${now.model.fitted ? "" : " with default parameters, not fitted to this data"}.
    </p>
  `;
}

/** What churn is the probability of. @param {Score} score */
function churnTitle(score) {
  if (hasReason(score, "CONTRACT_LAPSED")) return "Churn: the contract is over";
  if (hasReason(score, "CONTRACT_RENEWAL")) return `Churn: the contract ends within ${score.churnHorizonDays} days`;
  return `Churn within ${score.churnHorizonDays} days`;
}

/** @param {Score} score @param {string} code */
const hasReason = (score, code) => score.reasons.some((reason) => reason.code === code);

/** @param {{ contract: NonNullable<Customer["contract"]> }} props */
function Contract({ contract }) {
  const { state, at, source, renewals, renewsItself, priceMinor, currency } = contract;
  const when = state === "running" ? (renewsItself ? "Renews itself" : "To be renewed") : "Over since";
  return html`
    <section aria-labelledby="card-contract">
      <h3 id="card-contract">Contract</h3>
      <dl class="figures">
        <${Figure} label="State" value=${CONTRACT_STATES[state]} />
        <${Figure}
          label="Price of a term"
          value=${priceMinor === null ? "Not known" : formatMoney(priceMinor, currency)}
        />
        <${Figure}
          label="Renewals so far"
          value=${source === "customerRecord" && renewals === 0 ? "Not known" : formatCount(renewals)}
        />
        <${Figure} label=${when} value=${formatMoment(at)} wide=${true} />
      </dl>
    </section>
  `;
}

const CONTRACT_STATES = { running: "Running", ranOut: "Ran out", ended: "Ended by the customer" };

/** @param {{ label: string, value: string, wide?: boolean }} props */
function Figure({ label, value, wide = false }) {
  return html`<div class=${wide ? "wide" : undefined}>
    <dt>${label}</dt>
    <dd>${value}</dd>
  </div>`;
}

/** @param {{ label: string, share: number | null, tone: string }} props */
function Meter({ label, share, tone }) {
  return html`
    <div class="meter">
      <span class="name">${label}</span>
      <span class="track" aria-hidden="true">
        <span class="bar ${tone}" style=${{ width: `${(share ?? 0) * 100}%` }}></span>
      </span>
      <span class="percent">${formatFinePercent(share)}</span>
    </div>
  `;
}

/** The terms of the churn logit, to the right what raises the risk, to the left what lowers it. @param {{ score: Score }} props */
function Reasons({ score }) {
  const longest = Math.max(...score.reasons.map((reason) => Math.abs(reason.logit)), 0.01);
  const sum = score.reasons.reduce((whole, reason) => whole + reason.logit, 0);
  return html`
    <section aria-labelledby="card-reasons">
      <h3 id="card-reasons">Why</h3>
      <ul class="reasons">
        ${score.reasons.map(
          (reason) => html`
            <li key=${reason.code}>
              <span class="text">${capitalise(reason.text)}</span>
              <span class="signed" aria-hidden="true">
                <span
                  class="bar ${reason.logit < 0 ? "lowers" : "raises"}"
                  style=${{ width: `${(Math.abs(reason.logit) / longest) * 50}%` }}
                ></span>
              </span>
              <span class="logit">${formatLogit(reason.logit)}</span>
            </li>
          `,
        )}
        <li class="sum">
          <span class="text">Together, the log-odds of leaving</span>
          <span class="signed" aria-hidden="true"></span>
          <span class="logit">${formatLogit(sum)}</span>
        </li>
      </ul>
    </section>
  `;
}
