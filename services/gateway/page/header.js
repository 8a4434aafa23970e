import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { formatCount, formatMoment } from "./format.js";

const STATUS_WORDS = { connecting: "Connecting", live: "Live", reconnecting: "Reconnecting" };

/**
 * @param {{
 *   status: "connecting" | "live" | "reconnecting",
 *   position: string,
 *   tick: string | null,
 *   onSearch: (customerId: string) => void,
 * }} props
 */
export function Header({ status, position, tick, onSearch }) {
  const [id, setId] = useState("");
  /** @param {SubmitEvent} event */
  const submit = (event) => {
    event.preventDefault();
    if (id.trim() !== "") onSearch(id.trim());
  };
  return html`
    <header>
      <a class="brand" href="/" aria-label="tidemark, start page">
        <img src="/assets/page/mark.svg" alt="" width="28" height="28" />
        <span>tidemark</span>
      </a>
      <p class="status ${status}" role="status"><span class="dot"></span>${STATUS_WORDS[status]}</p>
      <dl class="place">
        <div>
          <dt>Data up to</dt>
          <dd class="tick">${formatMoment(tick)}</dd>
        </div>
        <div title=${position === "" ? undefined : position}>
          <dt>Position</dt>
          <dd class="position">${formatPosition(position)}</dd>
        </div>
      </dl>
      <form class="search" role="search" onSubmit=${submit}>
        <label class="unseen" for="customer">Customer id</label>
        <input
          id="customer"
          type="search"
          placeholder="Customer id"
          autocomplete="off"
          spellcheck="false"
          maxlength="128"
          value=${id}
          onInput=${(/** @type {InputEvent} */ event) => setId(/** @type {HTMLInputElement} */ (event.target).value)}
        />
        <button type="submit">Open</button>
      </form>
      <nav aria-label="Interface"><a href="/docs">API</a></nav>
    </header>
  `;
}

/**
 * The stream's place as one number, the sum over the partitions.
 * @param {string} position `0:123,1:98`
 */
function formatPosition(position) {
  if (position === "") return "–";
  const offsets = position.split(",").map((entry) => Number(entry.slice(entry.indexOf(":") + 1)));
  return formatCount(offsets.reduce((sum, offset) => sum + offset, 0));
}
