// What a student's page knows of the class that meets: their hand, what the class was told, who is looking in. Pure.
import { isRecord } from './executions';

/** The hub says that something changed; what, the page asks for. */
export const floorSchema = 'urn:notebook-hub:class-floor:v1';

export interface ClassMessage {
  readonly id: number;
  readonly by: string;
  /** As it was written; never markup. */
  readonly text: string;
  /** The file that was handed out, from the root of the home; null for words alone. */
  readonly path: string | null;
}

export interface Visitor {
  readonly by: string;
  readonly helps: boolean;
}

export interface Floor {
  /** Who is signed in: a page of somebody else's server is not theirs. */
  readonly user: string;
  /** The class that runs; null when none does. */
  readonly classId: number | null;
  readonly className: string;
  readonly handIsUp: boolean;
  /** Oldest first. */
  readonly messages: readonly ClassMessage[];
  readonly visitors: readonly Visitor[];
}

/** Longest text a notice shows without cutting it. */
export const longestNotice = 140;

/** Reads the answer of `classes/mine`; null when it is none. What lacks something it needs is left out. */
export function readFloor(answer: unknown): Floor | null {
  if (!isRecord(answer) || typeof answer.user !== 'string') {
    return null;
  }
  const running = isRecord(answer.class) && typeof answer.class.id === 'number' ? answer.class : null;
  return {
    user: answer.user,
    classId: running === null ? null : running.id as number,
    className: running !== null && typeof running.name === 'string' ? running.name : '',
    handIsUp: typeof answer.hand_raised_at === 'string',
    messages: list(answer.messages).flatMap(entry => readMessage(entry) ?? []),
    visitors: list(answer.visits).flatMap(entry => readVisitor(entry) ?? [])
  };
}

/** What the banner says while somebody is in the student's JupyterLab; null while nobody is. */
export function bannerText(visitors: readonly Visitor[]): string | null {
  const told = visitors.map(({ by, helps }) => `${by} is ${helps ? 'helping' : 'looking'} in your notebooks.`);
  return told.length === 0 ? null : told.join(' ');
}

/** What the teacher's own page says all the time. */
export function visitText(role: string, student: string): string {
  return role === 'helper'
    ? `You are in the notebooks of ${student}, as a helper: what you edit and run is theirs. They can see that you are here.`
    : `You look in at the notebooks of ${student}: you can read, not change or run anything. They can see that you are here.`;
}

export const visitOver = 'Your visit is over. You can close this tab.';

/** A message as a notice says it, in one paragraph of plain text. */
export function noticeText(message: ClassMessage): string {
  if (message.path === null) {
    return `${message.by}: ${message.text}`;
  }
  return `${message.by} handed you a file: ${message.path.slice(message.path.lastIndexOf('/') + 1)}`;
}

/** Up to which message a page need not ask again: before the oldest that was shown and not dismissed. */
export function seenThrough(newest: number, waiting: Iterable<number>): number {
  return Math.min(newest, ...[...waiting].map(id => id - 1));
}

function readMessage(entry: unknown): ClassMessage | null {
  if (!isRecord(entry) || typeof entry.id !== 'number' || typeof entry.by !== 'string' || typeof entry.text !== 'string') {
    return null;
  }
  return { id: entry.id, by: entry.by, text: entry.text, path: typeof entry.path === 'string' ? entry.path : null };
}

function readVisitor(entry: unknown): Visitor | null {
  return isRecord(entry) && typeof entry.by === 'string' ? { by: entry.by, helps: entry.role === 'helper' } : null;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
