// What the hub tells of the cells a kernel runs, ran last and will run: who ran them, how far they have come, what came of them. Pure.
import type { IOutput } from '@jupyterlab/nbformat';

export type ExecutionPhase = 'queued' | 'running' | 'done' | 'error' | 'aborted';

export interface Execution {
  /** msg_id of its request: the parent of everything that comes of it. */
  readonly id: string;
  readonly user: string;
  /** The session of the tab that ran it. */
  readonly clientId: string;
  readonly cellId: string | null;
  readonly phase: ExecutionPhase;
  readonly codeSha256: string;
  /** Milliseconds since 1970; null while it has not ended. */
  readonly ended: number | null;
  readonly count: number | null;
  /** As a notebook holds them. */
  readonly outputs: readonly IOutput[];
}

export interface Executions {
  /** The number up to which the outputs hold: what is said later has a higher one. */
  readonly sequence: number;
  readonly executions: readonly Execution[];
}

const phases: ReadonlySet<unknown> = new Set<ExecutionPhase>(['queued', 'running', 'done', 'error', 'aborted']);

/** Reads the answer of `executions`; null when it is none. An entry that lacks what it needs is left out. */
export function readExecutions(answer: unknown): Executions | null {
  if (!isRecord(answer) || typeof answer.seq !== 'number' || !Array.isArray(answer.executions)) {
    return null;
  }
  return { sequence: answer.seq, executions: answer.executions.flatMap(entry => readExecution(entry) ?? []) };
}

export function readExecution(entry: unknown): Execution | null {
  if (!isRecord(entry) || typeof entry.msg_id !== 'string' || !phases.has(entry.state)) {
    return null;
  }
  const text = (key: string): string => typeof entry[key] === 'string' ? entry[key] : '';
  const ended = Date.parse(text('ended'));
  return {
    id: entry.msg_id,
    user: text('user'),
    clientId: text('client_id'),
    cellId: text('cell_id') || null,
    phase: entry.state as ExecutionPhase,
    codeSha256: text('code_sha256'),
    ended: Number.isNaN(ended) ? null : ended,
    count: typeof entry.execution_count === 'number' ? entry.execution_count : null,
    outputs: Array.isArray(entry.outputs) ? entry.outputs.filter(isRecord) as unknown as IOutput[] : []
  };
}

export function isOpen(execution: Execution): boolean {
  return execution.phase === 'queued' || execution.phase === 'running';
}

/**
 * The executions whose outputs a page that opens a notebook now does not have: of each cell the last one, when it still goes on or
 * ended after the notebook was saved. What this page ran itself it hears of anyway.
 */
export function missedBy(clientId: string, savedAt: number, executions: readonly Execution[]): Execution[] {
  const last = new Map<string, Execution>();
  for (const execution of executions) {
    if (execution.cellId !== null) {
      last.set(execution.cellId, execution);
    }
  }
  return [...last.values()].filter(execution =>
    execution.clientId !== clientId && execution.phase !== 'aborted' && (isOpen(execution) || (execution.ended ?? 0) > savedAt));
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
