import { h, setText } from './dom';

/** What a tile shows. */
export interface TileText {
  readonly title: string;
  readonly small: string;
  /** A word for the style; what it means stands in the text. */
  readonly state: string;
  readonly doing: string;
  readonly about: string;
  readonly when: string;
  /** Why somebody asks for attention; empty when nobody does. */
  readonly call: string;
}

/** Something that can be done about a tile; its name in full is said to who cannot see where it stands. */
export interface TileAct {
  readonly text: string;
  readonly about: (title: string) => string;
  readonly act: () => void;
  readonly shown: boolean;
}

interface Parts {
  readonly element: HTMLLIElement;
  readonly title: HTMLElement;
  readonly small: HTMLElement;
  readonly call: HTMLElement;
  readonly doing: HTMLElement;
  readonly about: HTMLElement;
  readonly when: HTMLElement;
  readonly acts: HTMLButtonElement[];
}

/** A wall of tiles kept by their key: a change touches what differs, and who moves keeps the focus. */
export class Tiles<T> {
  public readonly element: HTMLElement;
  private readonly list: HTMLUListElement;
  private readonly empty = h('p', { class: 'empty', hidden: true });
  private readonly parts = new Map<string, Parts>();

  public constructor(
    label: string,
    private readonly keyOf: (one: T) => string,
    private readonly textOf: (one: T) => TileText,
    private readonly actsOf: (one: T) => readonly TileAct[]
  ) {
    this.list = h('ul', { class: 'tiles', 'aria-label': label });
    this.element = h('div', {}, this.list, this.empty);
  }

  public show(all: readonly T[], whenEmpty: string): void {
    const held = document.activeElement;
    const keys = new Set(all.map(this.keyOf));
    for (const [key, { element }] of this.parts) {
      if (!keys.has(key)) {
        element.remove();
        this.parts.delete(key);
      }
    }
    all.forEach((one, index) => {
      const key = this.keyOf(one);
      let parts = this.parts.get(key);
      if (parts === undefined) {
        parts = make(key);
        this.parts.set(key, parts);
      }
      this.fill(parts, one);
      if (this.list.children[index] !== parts.element) {
        this.list.insertBefore(parts.element, this.list.children[index] ?? null);
      }
    });
    if (held instanceof HTMLElement && held !== document.activeElement && this.list.contains(held)) {
      held.focus({ preventScroll: true });
    }
    setText(this.empty, whenEmpty);
    this.empty.hidden = all.length > 0;
    this.list.hidden = all.length === 0;
  }

  private fill(parts: Parts, one: T): void {
    const text = this.textOf(one);
    setText(parts.title, text.title);
    setText(parts.small, text.small);
    setText(parts.call, text.call);
    parts.call.hidden = text.call === '';
    setText(parts.doing, text.doing);
    setText(parts.about, text.about);
    setText(parts.when, text.when);
    const style = `tile ${text.state}${text.call === '' ? '' : ' calls'}`;
    if (parts.element.className !== style) {
      parts.element.className = style;
      parts.doing.className = `state ${text.state}`;
    }
    this.actsOf(one).forEach((act, index) => {
      const button = parts.acts[index] ?? h('button', { type: 'button' });
      if (parts.acts[index] === undefined) {
        parts.acts.push(button);
        parts.element.lastElementChild?.append(button);
      }
      setText(button, act.text);
      button.setAttribute('aria-label', act.about(text.title));
      button.onclick = act.act;
      button.hidden = !act.shown;
    });
  }
}

function make(key: string): Parts {
  const [title, small, call, doing, about, when] = [h('h2'), h('p', { class: 'hint' }), h('p', { class: 'call' }), h('span', { class: 'state' }), h('p', { class: 'about' }), h('p', { class: 'hint' })];
  const element = h('li', { class: 'tile', 'data-key': key }, h('div', { class: 'person' }, title, small), call, doing, about, when, h('div', { class: 'does' }));
  return { element, title, small, call, doing, about, when, acts: [] };
}
