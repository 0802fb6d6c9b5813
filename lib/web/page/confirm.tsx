/** @jsx h */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h.

/**
 * A button that asks before it acts.
 *
 * @module
 */

import { h, useRef } from "./deps.ts";

/** Shows a button whose action cannot be taken back. A dialog asks first. */
export function ConfirmButton({ label, kind, question, keep, disabled, onConfirm }: {
  /** The text of the button, and of the button that acts. */
  readonly label: string;
  /** The class of both buttons. */
  readonly kind: string;
  /** The consequence. */
  readonly question: string;
  /** The text of the button that closes the dialog. */
  readonly keep: string;
  readonly disabled: boolean;
  readonly onConfirm: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const close = () => dialog.current!.close();
  const confirm = () => {
    close();
    onConfirm();
  };
  return (
    <span>
      <button
        type="button"
        class={kind}
        disabled={disabled}
        onClick={() => dialog.current!.showModal()}
      >
        {label}
      </button>
      <dialog ref={dialog} class="confirm" aria-label={label}>
        <div class="inside">
          <p>{question}</p>
          {/* The dialog gives the focus to its first button. */}
          <p class="actions">
            <button type="button" onClick={close}>{keep}</button>
            <button type="button" class={kind} onClick={confirm}>{label}</button>
          </p>
        </div>
      </dialog>
    </span>
  );
}
