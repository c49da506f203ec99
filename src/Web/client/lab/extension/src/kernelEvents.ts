// The hub's news of kernels as they arrive on Jupyter's event stream. Pure.

export const kernelStartSchema = 'urn:notebook-hub:kernel-start:v1';
export const kernelDiedSchema = 'urn:notebook-hub:kernel-died:v1';

interface AboutKernel {
  readonly kernelId: string;
  readonly kernelName: string;
  /** The notebook the kernel belongs to; while JupyterLab starts a session it is a random name in the notebook's folder. */
  readonly path: string;
}

export type KernelEvent =
  | (AboutKernel & { readonly kind: 'starting'; readonly percent: number; readonly message: string })
  | (AboutKernel & { readonly kind: 'ready' })
  | (AboutKernel & { readonly kind: 'failed'; readonly cause: string; readonly message: string })
  | (AboutKernel & { readonly kind: 'died'; readonly cause: string; readonly message: string });

/** Reads one event of the stream; null for events of other kinds and for any that lacks what its kind needs. */
export function readKernelEvent(emission: { readonly [key: string]: unknown }): KernelEvent | null {
  const text = (key: string): string => {
    const value = emission[key];
    return typeof value === 'string' ? value : '';
  };
  const kernel = { kernelId: text('kernel_id'), kernelName: text('kernel_name'), path: text('path') };
  const told = { cause: text('cause'), message: text('message') };
  if (kernel.kernelId === '') {
    return null;
  }
  if (emission.schema_id === kernelDiedSchema) {
    return { ...kernel, ...told, kind: 'died' };
  }
  if (emission.schema_id !== kernelStartSchema) {
    return null;
  }
  switch (emission.state) {
    case 'starting':
      return { ...kernel, kind: 'starting', percent: percent(emission.progress), message: told.message };
    case 'ready':
      return { ...kernel, kind: 'ready' };
    case 'failed':
      return { ...kernel, ...told, kind: 'failed' };
    default:
      return null;
  }
}

function percent(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? Math.min(100, Math.max(0, value)) : 0;
}
