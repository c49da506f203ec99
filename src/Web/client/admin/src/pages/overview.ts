import { h, setText } from '../components/dom';
import { LiveLine } from '../components/live';
import { KeyedTable } from '../components/table';
import type { Failure, Overview } from '../shared/models';
import { apply, initial, type State } from '../shared/store';
import { ago, bytes, moment, percent, span, unknown } from '../shared/text';
import type { Setting } from './page';

const svg = 'http://www.w3.org/2000/svg';

/** The hub at a glance, live. */
export function overviewPage({ root, follow }: Setting): void {
  let state: State = initial;
  const line = new LiveLine();
  const cards = new Map<string, { value: HTMLElement; more: HTMLElement }>();
  const list = h('dl', { class: 'cards' });
  const bars = document.createElementNS(svg, 'svg');
  bars.setAttribute('class', 'bars');
  bars.setAttribute('role', 'img');
  bars.setAttribute('preserveAspectRatio', 'none');
  const failures = new KeyedTable<Failure>(
    'Failures',
    [
      { title: 'When', text: failure => ago(failure.at, Date.now()), title2: failure => moment(failure.at) },
      { title: 'Whose', text: failure => failure.user },
      { title: 'Notebook', text: failure => failure.path, kind: 'text' },
      { title: 'What', text: failure => (failure.kind === 'start' ? 'did not start' : 'died') },
      { title: 'Cause', text: failure => failure.cause },
      { title: 'What the user was told', text: failure => failure.message, kind: 'text' }
    ],
    failure => `${failure.at} ${failure.user} ${failure.path}`
  );
  root.replaceChildren(line.element, list, h('h2', {}, 'Starts per minute'), bars, h('h2', {}, 'Failures'), failures.element);

  const card = (name: string, value: string, more = ''): void => {
    let made = cards.get(name);
    if (made === undefined) {
      made = { value: h('span'), more: h('small') };
      cards.set(name, made);
      list.append(h('div', {}, h('dt', {}, name), h('dd', {}, made.value, made.more)));
    }
    setText(made.value, value);
    setText(made.more, more);
  };
  const draw = (now: Overview): void => {
    const running = Object.entries(now.kernels).reduce((sum, [name, count]) => (name === 'dead' ? sum : sum + count), 0);
    const untold = running === 0 ? 'none runs' : `the ${now.spawner} spawner does not tell`;
    card('Signed in', `${now.signed_in}`, `of ${now.users} users`);
    card('Kernels', `${running}`, Object.entries(now.kernels).filter(([, count]) => count > 0).map(([name, count]) => `${count} ${name}`).join(', ') || 'none');
    card('Servers', `${now.servers}`, `${now.tabs} tabs open`);
    card('Starts', `${now.starts.at(-1) ?? 0}`, `in this minute${waitingWords(now)}`);
    card('Processor, kernels', running === 0 ? '0 %' : percent(now.kernel_cpu), now.kernel_cpu === null ? untold : '100 % is one processor');
    card('Memory, kernels', running === 0 ? bytes(0) : bytes(now.kernel_memory), now.kernel_memory === null ? untold : `${now.measured} of ${running} kernels`);
    card('Processor, hub', percent(now.hub_cpu), '100 % is one processor');
    card('Memory, free', bytes(now.free_memory), now.is_full ? 'too little: starts wait for it' : 'of the machine');
    card('Memory, hub', bytes(now.hub_memory), `up ${span(Date.parse(now.at) - Date.parse(now.since))}`);
    failures.show(now.failures);
    drawBars(bars, now.starts);
  };
  follow('WatchOverview', event => {
    state = apply(state, event);
    line.show(state.line);
    if (state.overview !== null) {
      draw(state.overview);
    }
  });
  line.show(state.line);
}

/** What waits for its turn to start, and how long a start asked for now would. */
function waitingWords(now: Overview): string {
  if (now.waiting === 0) {
    return '';
  }
  const estimate = now.wait_seconds === null || now.is_full ? '' : `, about ${span(now.wait_seconds * 1000)}`;
  return `; ${now.waiting} wait${now.waiting === 1 ? 's' : ''} for a turn${estimate}`;
}

function drawBars(bars: SVGElement, starts: readonly number[]): void {
  const most = Math.max(1, ...starts);
  bars.setAttribute('viewBox', `0 0 ${starts.length * 10} 100`);
  bars.setAttribute('aria-label', `Starts in each of the last ${starts.length} minutes, at most ${starts.length > 0 ? Math.max(...starts) : unknown}, now ${starts.at(-1) ?? 0}`);
  bars.replaceChildren(
    ...starts.map((count, index) => {
      const bar = document.createElementNS(svg, 'rect');
      const height = Math.max(1, (count / most) * 98);
      for (const [name, value] of Object.entries({ x: index * 10 + 1, y: 100 - height, width: 8, height })) {
        bar.setAttribute(name, `${value}`);
      }
      return bar;
    })
  );
}
