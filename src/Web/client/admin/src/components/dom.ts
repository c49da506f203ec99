/** Makes elements. Text only ever becomes a text node, so a name or title can never be markup. */

export type Child = Node | string | null;

export interface Attributes {
  readonly [name: string]: string | boolean | ((event: globalThis.Event) => void) | undefined;
}

export function h<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Attributes = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') {
      element.addEventListener(name, value);
    } else if (value === true) {
      element.setAttribute(name, '');
    } else if (typeof value === 'string') {
      element.setAttribute(name, value);
    }
  }
  element.append(...children.filter(child => child !== null));
  return element;
}

/** Changes the text only when it differs: what did not change is not read out again. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

export function button(text: string, about: string, act: () => void, danger = false): HTMLButtonElement {
  return h('button', { type: 'button', 'aria-label': about, ...(danger ? { class: 'danger' } : {}), click: act }, text);
}

export function choice(label: string, options: readonly (readonly [string, string])[], chosen: (value: string) => void): HTMLLabelElement {
  const select = h('select', { change: () => chosen(select.value) }, ...options.map(([value, text]) => h('option', { value }, text)));
  return h('label', {}, label, select);
}

export function search(label: string, typed: (text: string) => void): HTMLLabelElement {
  let timer = 0;
  const input = h('input', {
    type: 'search',
    maxlength: '100',
    input: () => {
      clearTimeout(timer);
      timer = window.setTimeout(() => typed(input.value), 200);
    }
  });
  return h('label', {}, label, input);
}
