import { html, render } from "htm/preact";

/**
 * Shows /openapi.json: the calls by tag, their parameters, bodies and answers.
 *
 * @typedef {{
 *   type?: string | readonly string[], format?: string, description?: string, title?: string,
 *   properties?: Readonly<Record<string, Schema>>, required?: readonly string[], items?: Schema,
 *   anyOf?: readonly Schema[], oneOf?: readonly Schema[], enum?: readonly unknown[], const?: unknown,
 *   additionalProperties?: Schema | boolean, minimum?: number, maximum?: number, maxLength?: number,
 *   maxItems?: number, default?: unknown, pattern?: string, $ref?: string,
 * }} Schema
 * @typedef {{ name: string, in: string, required?: boolean, description?: string, schema: Schema }} Parameter
 * @typedef {Readonly<Record<string, { schema?: Schema, example?: unknown }>>} Content
 * @typedef {{
 *   summary?: string, description?: string, tags?: readonly string[], parameters?: readonly Parameter[],
 *   requestBody?: { content: Content }, responses?: Readonly<Record<string, { description?: string, content?: Content }>>,
 * }} Operation
 * @typedef {{
 *   info: { title: string, description?: string, version: string },
 *   paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>,
 *   components?: { schemas?: Readonly<Record<string, Schema>> },
 * }} Document
 * @typedef {{ method: string, path: string, id: string, operation: Operation }} Call
 */

const root = document.getElementById("page");
if (root !== null) {
  const response = await fetch("/openapi.json");
  const described = /** @type {Document} */ (await response.json());
  render(html`<${Docs} described=${described} />`, root);
  // When the browser looked for the place that the address names, nothing was there yet.
  document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

/** @param {{ described: Document }} props */
function Docs({ described }) {
  const calls = callsOf(described);
  const tags = [...new Set(calls.map((call) => call.operation.tags?.[0] ?? ""))];
  return html`
    <header>
      <a class="brand" href="/" aria-label="tidemark, start page">
        <img src="/assets/page/mark.svg" alt="" width="28" height="28" />
        <span>tidemark</span>
      </a>
      <nav aria-label="Pages"><a href="/openapi.json">openapi.json</a></nav>
    </header>
    <main class="docs">
      <nav aria-label="Calls">
        ${tags.map(
          (tag) => html`
            <h2>${tag}</h2>
            ${calls
              .filter((call) => (call.operation.tags?.[0] ?? "") === tag)
              .map((call) => html`<a href=${`#${call.id}`}>${call.method} ${call.path}</a>`)}
          `,
        )}
      </nav>
      <article>
        <h1>${described.info.title}</h1>
        <p>${prose(described.info.description)}</p>
        ${calls.map((call) => html`<${CallPanel} key=${call.id} call=${call} described=${described} />`)}
      </article>
    </main>
  `;
}

/**
 * @param {Document} described
 * @returns {Call[]}
 */
function callsOf(described) {
  return Object.entries(described.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      id: `${method}${path.replaceAll(/[^a-z]+/g, "-")}`.replace(/-$/, ""),
      operation,
    })),
  );
}

/** @param {{ call: Call, described: Document }} props */
function CallPanel({ call, described }) {
  const { method, path, id, operation } = call;
  return html`
    <section class="panel" id=${id} aria-labelledby=${`${id}-title`}>
      <h2 id=${`${id}-title`}><span class="method">${method}</span> <code>${path}</code></h2>
      <p>${operation.summary}</p>
      ${operation.description !== undefined && html`<p class="plain">${prose(operation.description)}</p>`}
      ${
        operation.parameters !== undefined &&
        html`
          <h3>Parameters</h3>
          <div class="fields">
            ${operation.parameters.map(
              (parameter) => html`
                <${Field}
                  key=${parameter.name}
                  name=${parameter.name}
                  schema=${{ ...parameter.schema, description: parameter.description ?? parameter.schema.description }}
                  required=${parameter.required === true}
                  place=${parameter.in}
                  described=${described}
                />
              `,
            )}
          </div>
        `
      }
      ${
        operation.requestBody !== undefined &&
        html`<h3>Body</h3>
          <${Contents} content=${operation.requestBody.content} described=${described} />`
      }
      ${Object.entries(operation.responses ?? {}).map(
        ([status, response]) => html`
          <details key=${status}>
            <summary>${status} <span class="plain">${prose(response.description)}</span></summary>
            ${
              response.content !== undefined && html`<${Contents} content=${response.content} described=${described} />`
            }
          </details>
        `,
      )}
    </section>
  `;
}

/** @param {{ content: Content, described: Document }} props */
function Contents({ content, described }) {
  return html`
    ${Object.entries(content).map(
      ([type, { schema, example }]) => html`
        <div key=${type}>
          <p class="plain"><code>${type}</code></p>
          ${
            example !== undefined &&
            html`<pre tabindex="0">
${typeof example === "string" ? example.trimEnd() : JSON.stringify(example, null, 2)}</pre>`
          }
          ${schema !== undefined && html`<${Fields} schema=${schema} described=${described} />`}
        </div>
      `,
    )}
  `;
}

/** @param {{ schema: Schema, described: Document }} props */
function Fields({ schema, described }) {
  const resolved = resolve(schema, described);
  const alternatives = resolved.oneOf ?? resolved.anyOf?.filter((one) => one.type !== "null") ?? [];
  const objects = alternatives.map((one) => resolve(one, described)).filter((one) => one.properties !== undefined);
  if (resolved.items !== undefined) return html`<${Fields} schema=${resolved.items} described=${described} />`;
  if (objects.length > 1) {
    return objects.map(
      (one) => html`
        <details key=${one.title}>
          <summary>${one.title}</summary>
          ${one.description !== undefined && html`<p class="plain">${prose(one.description)}</p>`}
          <${Fields} schema=${one} described=${described} />
        </details>
      `,
    );
  }
  const [whole = resolved] = objects;
  if (whole.properties === undefined) return null;
  return html`
    <div class="fields">
      ${Object.entries(whole.properties).map(
        ([name, field]) => html`
          <${Field}
            key=${name}
            name=${name}
            schema=${field}
            required=${whole.required?.includes(name) === true}
            place=""
            described=${described}
          />
        `,
      )}
    </div>
  `;
}

/** @param {{ name: string, schema: Schema, required: boolean, place: string, described: Document }} props */
function Field({ name, schema, required, place, described }) {
  const resolved = resolve(schema, described);
  return html`
    <div class="field">
      <code>${name}</code>
      <span class="kind"
        >${" "}${[kindOf(resolved, described), place, required ? "required" : ""].filter(Boolean).join(", ")}</span
      >
      <span class="about">${" "}${prose(resolved.description)}</span>
      <${Fields} schema=${resolved} described=${described} />
    </div>
  `;
}

/**
 * @param {Schema} schema
 * @param {Document} described
 * @returns {Schema}
 */
function resolve(schema, described) {
  if (schema.$ref === undefined) return schema;
  return described.components?.schemas?.[schema.$ref.replace("#/components/schemas/", "")] ?? schema;
}

/**
 * @param {Schema} schema
 * @param {Document} described
 * @returns {string}
 */
function kindOf(schema, described) {
  const { type, anyOf, oneOf, items, format } = schema;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map(String).join(" | ");
  const alternatives = anyOf ?? oneOf;
  if (alternatives !== undefined) {
    return [...new Set(alternatives.map((one) => kindOf(resolve(one, described), described)))].join(" | ");
  }
  if (items !== undefined) return `list of ${kindOf(resolve(items, described), described)}`;
  const kinds = typeof type === "string" ? [type] : (type ?? []);
  return [...kinds.filter((kind) => kind !== "null"), ...(kinds.includes("null") ? ["null"] : [])]
    .map((kind) => (kind === "string" && format !== undefined ? format : kind))
    .join(" | ");
}

/** What stands between backticks is code. @param {string | undefined} text */
function prose(text) {
  return (text ?? "").split("`").map((part, index) => (index % 2 === 0 ? part : html`<code>${part}</code>`));
}
