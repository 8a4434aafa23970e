import { html } from "htm/preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { keepKey } from "./api.js";

/** @type {PromiseWithResolvers<void> | null} */
let asked = null;
/** @type {() => void} */
let show = () => undefined;

/** Asks for the API key; everyone who asks while the dialog is open waits for the same answer. */
export function askForKey() {
  if (asked === null) {
    asked = Promise.withResolvers();
    show();
  }
  return asked.promise;
}

export function KeyDialog() {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const [key, setKey] = useState("");
  useEffect(() => {
    show = () => dialog.current?.showModal();
    if (asked !== null) show();
  }, []);
  /** @param {SubmitEvent} event */
  const submit = (event) => {
    event.preventDefault();
    keepKey(key.trim());
    setKey("");
    dialog.current?.close();
    asked?.resolve();
    asked = null;
  };
  return html`
    <dialog
      ref=${dialog}
      class="key"
      aria-labelledby="key-title"
      onCancel=${(/** @type {Event} */ event) => event.preventDefault()}
    >
      <form onSubmit=${submit}>
        <h2 id="key-title">API key</h2>
        <p>This server answers only with a key. It is kept in this tab until you close it.</p>
        <label for="key">Key</label>
        <input
          id="key"
          type="password"
          autocomplete="off"
          required
          value=${key}
          onInput=${(/** @type {InputEvent} */ event) => setKey(/** @type {HTMLInputElement} */ (event.target).value)}
        />
        <button type="submit">Continue</button>
      </form>
    </dialog>
  `;
}
