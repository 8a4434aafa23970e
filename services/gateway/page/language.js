// uPlot formats numbers by the browser's language while it is loaded. A browser that was started in the locale "C" says
// "en-US@posix", which is no language tag, and the page would stay empty. Loaded before the page itself.
try {
  Intl.getCanonicalLocales(navigator.language);
} catch {
  Object.defineProperty(navigator, "language", { value: "en" });
}
