import type { WallChanges, WallTile } from './models';
import { span } from './text';

/** The wall of a class: what is known of it, in which order it is shown, and in which words. Pure. */

export function mergeTiles(known: ReadonlyMap<string, WallTile>, changes: WallChanges): ReadonlyMap<string, WallTile> {
  const next = new Map(changes.whole ? [] : known);
  for (const user of changes.gone) {
    next.delete(user);
  }
  for (const tile of changes.tiles) {
    next.set(tile.user, tile);
  }
  return next;
}

/** Who asks comes first, the longest waiting before the others; then everybody by name, so that people keep their places. */
export function ordered(wall: ReadonlyMap<string, WallTile>, text: string, state: string): WallTile[] {
  const wanted = text.trim().toLowerCase();
  return [...wall.values()]
    .filter(tile => (state === '' || (state === 'hand' ? tile.hand !== null : tile.state === state)) && (wanted === '' || `${tile.name}\n${tile.user}`.toLowerCase().includes(wanted)))
    .sort((one, other) => waits(one) - waits(other) || one.name.localeCompare(other.name) || (one.user < other.user ? -1 : 1));
}

function waits(tile: WallTile): number {
  return tile.hand === null ? Number.MAX_SAFE_INTEGER : Date.parse(tile.hand);
}

export const states: readonly (readonly [string, string])[] = [
  ['', 'everybody'],
  ['hand', 'with a raised hand'],
  ['error', 'with an error'],
  ['running', 'running a cell'],
  ['idle', 'idle'],
  ['none', 'without a kernel'],
  ['away', 'not signed in'],
  ['listed', 'not joined yet']
];

/** What a student is doing, in words: never told by a colour alone. */
export function doing(tile: WallTile, now: number): string {
  switch (tile.state) {
    case 'running':
      return tile.busy_since === null ? 'running' : `running for ${span(now - Date.parse(tile.busy_since))}`;
    case 'error':
      return tile.reason === null ? 'last cell failed' : 'kernel died';
    case 'idle':
      return 'idle';
    case 'starting':
      return 'starting';
    case 'none':
      return 'no kernel';
    case 'away':
      return 'not signed in';
    case 'listed':
      return 'not joined yet';
    default:
      return tile.state;
  }
}

export function summary(wall: ReadonlyMap<string, WallTile>): string {
  const tiles = [...wall.values()];
  const count = (state: string): number => tiles.filter(tile => tile.state === state).length;
  const hands = tiles.filter(tile => tile.hand !== null).length;
  const parts = [
    `${tiles.length} ${tiles.length === 1 ? 'student' : 'students'}`,
    `${count('running')} running`,
    `${count('error')} with an error`,
    `${hands} ${hands === 1 ? 'hand' : 'hands'} up`
  ];
  return `${parts.join(', ')}.`;
}

/** Who raised a hand since what was known before: read out once. */
export function newHands(before: ReadonlyMap<string, WallTile>, now: ReadonlyMap<string, WallTile>): string[] {
  return [...now.values()].filter(tile => tile.hand !== null && (before.get(tile.user)?.hand ?? null) === null).map(tile => tile.name);
}
