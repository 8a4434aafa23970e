import { html } from "htm/preact";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";

const HEIGHT = 150;

/** Events and scores a second over the last two minutes. @param {{ rates: readonly import("./page.js").Rate[] }} props */
export function RateChart({ rates }) {
  const host = useRef(/** @type {HTMLDivElement | null} */ (null));
  const chart = useRef(/** @type {uPlot | null} */ (null));

  useEffect(() => {
    const element = host.current;
    if (element === null) return undefined;
    const draw = () => {
      const data = chart.current?.data;
      chart.current?.destroy();
      chart.current = new uPlot(optionsFor(element), data ?? [[], [], []], element);
    };
    draw();
    const resized = new ResizeObserver(() => chart.current?.setSize({ width: element.clientWidth, height: HEIGHT }));
    resized.observe(element);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", draw);
    return () => {
      resized.disconnect();
      dark.removeEventListener("change", draw);
      chart.current?.destroy();
    };
  }, []);

  useEffect(() => {
    chart.current?.setData([
      rates.map((rate) => rate.atSeconds),
      rates.map((rate) => rate.events),
      rates.map((rate) => rate.scores),
    ]);
  }, [rates]);

  return html`
    <section class="panel rate" aria-labelledby="rate">
      <h2 id="rate">
        Rate
        <span class="legend"><i class="events"></i>Events a second</span>
        <span class="legend"><i class="scores"></i>Scores a second</span>
      </h2>
      <div class="chart" ref=${host} aria-hidden="true"></div>
    </section>
  `;
}

/**
 * @param {HTMLElement} element
 * @returns {uPlot.Options}
 */
function optionsFor(element) {
  const colour = colourReader(element);
  const axis = {
    stroke: colour("--ink-soft"),
    font: "11px system-ui, sans-serif",
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
  };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    padding: [8, 24, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      // Grows to the whole window and then moves along.
      x: {
        range: (_chart, min, max) => {
          const end = max ?? Date.now() / 1000;
          return [Math.max(end - WINDOW_SECONDS_MAX, Math.min(min ?? end, end - WINDOW_SECONDS_MIN)), end];
        },
      },
      y: { range: (_chart, _min, max) => [0, Math.max(10, max * 1.15)] },
    },
    axes: [
      { ...axis, size: 26, space: 70, values: (_chart, splits) => splits.map((at) => clock.format(at * 1000)) },
      { ...axis, size: 44, splits: (_chart, _axis, _min, max) => [0, niceStep(max / 2), niceStep(max)] },
    ],
    series: [
      {},
      { stroke: colour("--events"), width: 2, points: { show: false } },
      { stroke: colour("--scores"), width: 2, points: { show: false } },
    ],
  };
}

const WINDOW_SECONDS_MAX = 120;
const WINDOW_SECONDS_MIN = 20;
const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });

/**
 * Reads a colour of the style sheet in a form that a canvas understands, for the scheme in force.
 * @param {HTMLElement} element
 */
function colourReader(element) {
  /** @param {string} name */
  return (name) => {
    element.style.color = `var(${name})`;
    const { color } = getComputedStyle(element);
    element.style.color = "";
    return color;
  };
}

/** Rounded down to two significant digits. @param {number} value */
function niceStep(value) {
  if (value === 0) return 0;
  const magnitude = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1);
  return Math.floor(value / magnitude) * magnitude;
}
