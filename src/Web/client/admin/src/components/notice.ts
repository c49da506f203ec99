import { h, setText } from './dom';
import type { Summary } from '../shared/bulk';

/** Where the page says what came of what was asked; read out when it changes. */
export class Notice {
  public readonly element = h('div', { role: 'status', class: 'line' });

  public say(text: string): void {
    this.element.className = text === '' ? 'line' : 'done';
    setText(this.element, text);
  }

  public sum(what: string, summary: Summary): void {
    this.say(`${what}: ${summary.done} done${summary.failed.length > 0 ? `, ${summary.failed.length} failed` : ''}.`);
    if (summary.failed.length > 0) {
      this.element.append(h('ul', {}, ...summary.failed.map(({ name, why }) => h('li', {}, `${name}: ${why}`))));
    }
  }

  /** Does it, and says what went wrong if it does. */
  public async watch(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.say(error instanceof Error ? error.message : String(error));
    }
  }
}
