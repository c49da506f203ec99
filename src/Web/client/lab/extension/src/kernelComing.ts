import type { ISignal } from '@lumino/signaling';

/** What is asked of a session context here; its signals tell when the answer may have changed. */
export interface ComingKernel {
  readonly isDisposed: boolean;
  readonly kernelDisplayStatus: string;
  readonly statusChanged: ISignal<unknown, unknown>;
  readonly kernelChanged: ISignal<unknown, unknown>;
  readonly sessionChanged: ISignal<unknown, unknown>;
  readonly disposed: ISignal<unknown, unknown>;
}

/** Whether a kernel is on its way and not there yet. */
export function isComing(context: ComingKernel): boolean {
  return !context.isDisposed && context.kernelDisplayStatus === 'initializing';
}

/** Resolves when the kernel is there, or will not come. */
export function arrival(context: ComingKernel): Promise<void> {
  return new Promise(resolve => {
    const signals = [context.statusChanged, context.kernelChanged, context.sessionChanged, context.disposed];
    const look = (): void => {
      if (!isComing(context)) {
        signals.forEach(signal => signal.disconnect(look));
        resolve();
      }
    };
    signals.forEach(signal => signal.connect(look));
    look();
  });
}
