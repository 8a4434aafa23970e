import { html, render } from "htm/preact";
import { Page } from "./page.js";

const root = document.getElementById("page");
if (root !== null) render(html`<${Page} />`, root);
