// How a message changes what a cell shows that was run before this page came. Pure.
import type { IOutput } from '@jupyterlab/nbformat';
import { isRecord } from './executions';

export interface Message {
  readonly header: { readonly msg_type: string };
  readonly parent_header: { readonly msg_id?: unknown } | Record<string, never>;
  readonly metadata: unknown;
  readonly content: unknown;
}

export type CellChange =
  | { readonly kind: 'add'; readonly output: IOutput }
  | { readonly kind: 'clear'; readonly wait: boolean }
  /** It cannot be told from this message alone what the cell shows now: ask the hub. */
  | { readonly kind: 'ask' }
  | { readonly kind: 'end' };

/**
 * @param upTo the number up to which the cell has everything
 * @returns null when the message is none of the execution's, is known already, or changes nothing
 */
export function changeOf(message: Message, execution: string, upTo: number): CellChange | null {
  if (message.parent_header.msg_id !== execution || (numberOf(message) ?? Infinity) <= upTo) {
    return null;
  }
  const content = isRecord(message.content) ? message.content : {};
  switch (message.header.msg_type) {
    case 'stream':
      return { kind: 'add', output: { output_type: 'stream', name: content.name === 'stderr' ? 'stderr' : 'stdout', text: String(content.text) } };
    case 'display_data':
      return { kind: 'add', output: bundle('display_data', content) };
    case 'execute_result':
      return { kind: 'add', output: { ...bundle('execute_result', content), execution_count: content.execution_count as number | null } };
    case 'error':
      return {
        kind: 'add',
        output: { output_type: 'error', ename: String(content.ename), evalue: String(content.evalue), traceback: content.traceback as string[] }
      };
    case 'clear_output':
      return { kind: 'clear', wait: content.wait === true };
    case 'update_display_data':
      return { kind: 'ask' };
    case 'status':
      return content.execution_state === 'idle' ? { kind: 'end' } : null;
    default:
      return null;
  }
}

export function numberOf(message: Message): number | null {
  const number = isRecord(message.metadata) ? message.metadata.hub_seq : undefined;
  return typeof number === 'number' ? number : null;
}

function bundle(type: 'display_data' | 'execute_result', content: Record<string, unknown>): IOutput {
  return { output_type: type, data: content.data, metadata: isRecord(content.metadata) ? content.metadata : {} } as unknown as IOutput;
}
