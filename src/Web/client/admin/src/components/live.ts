import { h, setText } from './dom';
import type { State } from '../shared/store';

/** Says whether what is shown is true at this moment. */
export class LiveLine {
  public readonly element = h('p', { class: 'line', role: 'status' });

  public show(line: State['line']): void {
    this.element.classList.toggle('off', line === 'away');
    setText(
      this.element,
      line === 'live' ? 'Live.' : line === 'connecting' ? 'Connecting …' : 'The line to the hub is broken; connecting again. What is shown may be old.'
    );
  }
}
