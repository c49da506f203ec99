import { button, h, setText, type Child } from './dom';

/** Asks before something is taken away; Escape and the first button leave all as it is. */
export function confirm(question: string, consequence: string, does: string): Promise<boolean> {
  return new Promise(resolve => {
    const dialog = open(question, [h('p', {}, consequence)]);
    dialog.append(
      h(
        'div',
        { class: 'does' },
        button('Leave it', 'Leave it as it is', () => dialog.close('')),
        button(does, question, () => dialog.close('yes'), true)
      )
    );
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'));
  });
}

/** As confirm, with a line to write why; null leaves all as it is. */
export function confirmWithReason(question: string, consequence: string, does: string, label: string): Promise<string | null> {
  return new Promise(resolve => {
    const reason = h('input', { type: 'text', maxlength: '500' });
    const dialog = open(question, [h('p', {}, consequence), h('label', {}, label, reason)]);
    dialog.append(
      h(
        'div',
        { class: 'does' },
        button('Leave it', 'Leave it as it is', () => dialog.close('')),
        button(does, question, () => dialog.close('yes'), true)
      )
    );
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes' ? reason.value.trim() : null));
  });
}

/** Shows something to read. */
export function show(title: string, ...content: Child[]): HTMLDialogElement {
  const dialog = open(title, content);
  dialog.append(h('div', { class: 'does' }, button('Close', `Close ${title}`, () => dialog.close(''))));
  return dialog;
}

/** A form to fill in. It stays, with the reason, until saving succeeds or somebody leaves it. */
export function fill(title: string, does: string, save: () => Promise<void>, ...fields: Child[]): void {
  const problem = h('p', { role: 'alert', class: 'problem' });
  const dialog = open(title, []);
  const submit = h('button', { type: 'submit' }, does);
  const form = h(
    'form',
    {
      class: 'fields',
      submit: event => {
        event.preventDefault();
        submit.disabled = true;
        setText(problem, '');
        save()
          .then(() => dialog.close('yes'))
          .catch((error: unknown) => setText(problem, error instanceof Error ? error.message : String(error)))
          .finally(() => (submit.disabled = false));
      }
    },
    ...fields,
    problem,
    h('div', { class: 'does' }, button('Leave it', 'Leave it as it is', () => dialog.close('')), submit)
  );
  dialog.append(form);
}

function open(title: string, content: readonly Child[]): HTMLDialogElement {
  const dialog = h('dialog', { class: 'panel-dialog', 'aria-label': title }, h('h2', {}, title), ...content);
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
