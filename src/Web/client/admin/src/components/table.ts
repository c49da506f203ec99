import { h, setText } from './dom';

export interface Column<T> {
  readonly title: string;
  readonly text?: (row: T) => string;
  /** Draws the cell itself; called once a row, so that what has the focus keeps it. */
  readonly make?: (id: string) => Node;
  readonly kind?: 'number' | 'text';
  /** A class for what is inside, such as the colour of a state. */
  readonly mark?: (row: T) => string;
  /** From 0 to 1, drawn as a bar below the text, which says the same; null draws none. */
  readonly share?: (row: T) => number | null;
  readonly title2?: (row: T) => string;
  readonly sort?: () => void;
  /** How the table is sorted by this column now. */
  readonly sorted?: () => 'ascending' | 'descending' | null;
}

/** A table whose rows are kept by their key: a change touches the cells that differ and nothing else. */
export class KeyedTable<T> {
  public readonly element: HTMLElement;
  private readonly wide: HTMLElement;
  private readonly body = h('tbody');
  private readonly heads: readonly HTMLTableCellElement[];
  private readonly empty = h('p', { class: 'empty', hidden: true }, 'There is nothing to show.');
  private readonly rows = new Map<string, HTMLTableRowElement>();

  public constructor(caption: string, private readonly columns: readonly Column<T>[], private readonly keyOf: (row: T) => string) {
    this.heads = columns.map(column => {
      const head = h('th', { scope: 'col', ...(column.kind === 'number' ? { class: 'number' } : {}) });
      head.append(column.sort ? h('button', { type: 'button', click: column.sort }, column.title) : column.title);
      return head;
    });
    const table = h('table', {}, h('caption', { class: 'unseen' }, caption), h('thead', {}, h('tr', {}, ...this.heads)), this.body);
    this.wide = h('div', { class: 'wide', role: 'region', 'aria-label': caption, tabindex: '0' }, table);
    this.element = h('div', {}, this.wide, this.empty);
  }

  public show(rows: readonly T[]): void {
    const keys = new Set(rows.map(this.keyOf));
    for (const [key, element] of this.rows) {
      if (!keys.has(key)) {
        element.remove();
        this.rows.delete(key);
      }
    }
    rows.forEach((row, index) => {
      const key = this.keyOf(row);
      let element = this.rows.get(key);
      if (element === undefined) {
        element = this.make(key);
        this.rows.set(key, element);
      }
      this.fill(element, row);
      if (this.body.children[index] !== element) {
        this.body.insertBefore(element, this.body.children[index] ?? null);
      }
    });
    this.columns.forEach((column, index) => {
      const sorted = column.sorted?.() ?? null;
      if (sorted === null) {
        this.heads[index]?.removeAttribute('aria-sort');
      } else {
        this.heads[index]?.setAttribute('aria-sort', sorted);
      }
    });
    this.empty.hidden = rows.length > 0;
    this.wide.hidden = rows.length === 0;
  }

  private make(key: string): HTMLTableRowElement {
    const names = this.columns.find(column => !column.make);
    const cells = this.columns.map(column => {
      const cell = column === names ? h('th', { scope: 'row' }) : h('td', column.kind ? { class: column.kind } : {});
      if (column.make) {
        cell.append(column.make(key));
      } else if (column.mark || column.share) {
        cell.append(h('span'));
      }
      if (column.share) {
        // Who cannot see the bar has read the text.
        cell.append(h('span', { class: 'share', 'aria-hidden': 'true', hidden: true }, h('span')));
      }
      return cell;
    });
    return h('tr', { 'data-key': key }, ...cells);
  }

  private fill(element: HTMLTableRowElement, row: T): void {
    this.columns.forEach((column, index) => {
      const cell = element.cells[index];
      if (!cell || !column.text) {
        return;
      }
      const inside = column.mark || column.share ? cell.firstElementChild : cell;
      if (inside === null) {
        return;
      }
      setText(inside, column.text(row));
      const mark = column.mark?.(row);
      if (mark !== undefined && inside.className !== mark) {
        inside.className = mark;
      }
      if (column.share) {
        fillBar(cell.querySelector<HTMLElement>('.share'), column.share(row));
      }
      const title = column.title2?.(row) ?? '';
      if (inside.getAttribute('title') !== (title || null)) {
        title ? inside.setAttribute('title', title) : inside.removeAttribute('title');
      }
    });
  }
}

function fillBar(bar: HTMLElement | null, share: number | null): void {
  const full = bar?.firstElementChild;
  if (bar !== null && full instanceof HTMLElement) {
    bar.hidden = share === null;
    bar.classList.toggle('high', share !== null && share >= 0.9);
    full.style.width = `${Math.round((share ?? 0) * 100)}%`;
  }
}
