// A door of its own: a thread that views follow in loads nothing of the HTTP interface.
export { sumFigures } from "./base-figures.ts";
export { connectViews, type ViewsEnd } from "./connect-views.ts";
export { runViews } from "./run-views.ts";
export { serveViews } from "./serve-views.ts";
export type { ServeViewsOptions } from "./serve-views.ts";
export { startViews } from "./start-views.ts";
export type { FromViews, ToViews } from "./views-messages.ts";
export type { Views } from "./views.ts";
