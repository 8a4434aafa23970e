import { html } from "htm/preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { fetchSummary, KeyRequired } from "./api.js";
import { BasePanel } from "./base-panel.js";
import { Breakdown } from "./breakdown.js";
import { CustomerCard } from "./customer-card.js";
import { follow } from "./event-stream.js";
import { Header } from "./header.js";
import { askForKey, KeyDialog } from "./key-dialog.js";
import { RateChart } from "./rate-chart.js";
import { ScoreList } from "./score-list.js";
import { Tiles } from "./tiles.js";

/**
 * @typedef {import("../src/bodies.ts").SummaryBody} Summary
 * @typedef {import("../src/bodies.ts").ScoreEventBody} ScoreEvent
 * @typedef {{ atSeconds: number, events: number, scores: number }} Rate
 */

const SUMMARY_EVERY_MS = 1000;
/** Few enough a second for an eye to follow; the rest is in the rate. */
const SCORES_PER_SECOND_MAX = 8;
const SCORES_KEPT = 60;
/** What the list begins with, so that there is somebody to look at before the next event. */
const SCORES_AT_START = 30;
const RATES_KEPT = 120;

const TIERS = ["platinum", "gold", "silver", "development", "optimisation", "none"];
const LIFECYCLES = ["prospect", "new", "active", "loyal", "slipping", "lost", "returned"];

export function Page() {
  const { summary, rates } = useSummary();
  const { scores, status, position } = useScores();
  const [openId, setOpenId] = useState(/** @type {string | null} */ (null));
  // Told late that one card was closed, another that was opened since stays.
  const closeCard = (/** @type {string | null} */ closed) => setOpenId((open) => (open === closed ? null : open));
  const newestOfOpen = openId === null ? undefined : scores.find((score) => score.customerId === openId);

  return html`
    <${Header} status=${status} position=${position} tick=${summary?.tick ?? null} onSearch=${setOpenId} />
    <main>
      <h1 class="unseen">Customers, live</h1>
      <${Tiles} summary=${summary} rate=${rates.at(-1) ?? null} />
      <div class="columns">
        <${ScoreList} scores=${scores} isBaseEmpty=${summary?.customers === 0} onOpen=${setOpenId} />
        <div class="side">
          <${RateChart} rates=${rates} />
          <${Breakdown} title="By tier" names=${TIERS} counts=${summary?.byTier ?? null} kind="tier" />
          <${BasePanel} />
          <${Breakdown} title="By stage" names=${LIFECYCLES} counts=${summary?.byLifecycle ?? null} kind="stage" />
        </div>
      </div>
    </main>
    <${CustomerCard} customerId=${openId} version=${newestOfOpen?.version ?? 0} onClose=${closeCard} />
    <${KeyDialog} />
  `;
}

/** Asks for the counts once a second while the page is seen, and derives rates from their growth. */
function useSummary() {
  const [state, setState] = useState(
    /** @type {{ summary: Summary | null, rates: readonly Rate[] }} */ ({ summary: null, rates: [] }),
  );
  useEffect(() => {
    /** @type {{ at: number, summary: Summary } | null} */
    let last = null;
    let timer = 0;
    const poll = async () => {
      try {
        if (!document.hidden) {
          const summary = await fetchSummary();
          const at = performance.now();
          const before = last;
          last = { at, summary };
          setState((old) => ({
            summary,
            rates: before === null ? old.rates : [...old.rates.slice(1 - RATES_KEPT), rateOf(before, last ?? before)],
          }));
        }
      } catch (error) {
        // Anything else shows in the stream's status; the next second tries again.
        if (error instanceof KeyRequired) await askForKey();
      }
      timer = setTimeout(run, SUMMARY_EVERY_MS);
    };
    const run = () => void poll();
    run();
    return () => clearTimeout(timer);
  }, []);
  return state;
}

/**
 * @param {{ at: number, summary: Summary }} before
 * @param {{ at: number, summary: Summary }} now
 * @returns {Rate}
 */
function rateOf(before, now) {
  const seconds = Math.max((now.at - before.at) / 1000, 0.001);
  return {
    atSeconds: Date.now() / 1000,
    events: Math.max(0, now.summary.eventsAppended - before.summary.eventsAppended) / seconds,
    scores: Math.max(0, now.summary.scoresEmitted - before.summary.scoresEmitted) / seconds,
  };
}

/** The newest score of each customer, newest first, gathered and shown at once a few times a second. */
function useScores() {
  const [status, setStatus] = useState(/** @type {"connecting" | "live" | "reconnecting"} */ ("connecting"));
  const [view, setView] = useState(
    /** @type {{ scores: readonly ScoreEvent[], position: string }} */ ({ scores: [], position: "" }),
  );
  const arrived = useRef(/** @type {{ scores: ScoreEvent[], position: string }} */ ({ scores: [], position: "" }));
  useEffect(() => {
    void follow(`/v1/streams/scores?last=${SCORES_AT_START}&perSecondMax=${SCORES_PER_SECOND_MAX}`, {
      onOpen: () => setStatus("live"),
      onBreak: () => setStatus("reconnecting"),
      onKeyRequired: askForKey,
      onEvent(event, data, id) {
        if (event === "score") arrived.current.scores.unshift(/** @type {ScoreEvent} */ (JSON.parse(data)));
        if (event === "reset") setView({ scores: [], position: id });
        arrived.current.position = id;
      },
    });
    const timer = setInterval(() => {
      const { scores, position } = arrived.current;
      if (scores.length === 0) return;
      arrived.current = { scores: [], position };
      setView((old) => ({ scores: onePerCustomer([...scores, ...old.scores]).slice(0, SCORES_KEPT), position }));
    }, 250);
    return () => clearInterval(timer);
  }, []);
  return { status, ...view };
}

/**
 * A customer who comes again moves to the top: a few who are busy would push all others out.
 * @param {readonly ScoreEvent[]} scores newest first
 */
function onePerCustomer(scores) {
  /** @type {Set<string>} */
  const seen = new Set();
  return scores.filter(({ customerId }) => !seen.has(customerId) && seen.add(customerId));
}
