// How the end of a kernel and a failed start are told: a title, and sentences. Pure.
import type { KernelEvent } from './kernelEvents';

export interface Story {
  readonly title: string;
  readonly sentences: readonly string[];
}

/** Our advice is for a hub that says nothing: what it says names the cause and what to try. */
type Told = { readonly title: string; readonly advice: string };

const deaths: Readonly<Record<string, Told>> = {
  outofmemory: {
    title: 'The kernel ran out of memory',
    advice: 'Before you run it again: load less data at a time, or delete what you no longer need.'
  },
  killed: { title: 'The kernel was killed', advice: 'Somebody ended it from outside, or the machine ran out of memory.' },
  removed: { title: 'The kernel was stopped from outside', advice: 'Somebody stopped its container or process.' },
  signal: { title: 'The kernel crashed', advice: 'Run the cells one by one to find the one that crashes.' },
  idle: { title: 'The kernel was stopped because nobody used it', advice: 'Restart it and run your cells to have its variables back.' },
  longestrun: { title: 'The time of this kernel is over', advice: 'Restart it to go on.' },
  exited: { title: 'The kernel ended by itself', advice: 'Look at the last cell that ran.' }
};

const failures: Readonly<Record<string, Told>> = {
  imagemissing: { title: 'The image of this kernel is missing', advice: 'Choose another kernel, or ask the person who runs this hub to provide it.' },
  commandnotfound: { title: 'This kernel is not installed properly', advice: 'Choose another kernel, or tell the person who runs this hub.' },
  exitedearly: { title: 'The kernel ended while it was starting', advice: 'Start it again; if it ends again, choose another kernel.' },
  outofmemory: { title: 'There was not enough memory to start the kernel', advice: 'Shut down kernels you no longer need, then start it again.' },
  timeout: { title: 'The kernel took too long to start', advice: 'The machine may be busy: try again in a minute.' },
  nocapacity: { title: 'There is no room for another kernel just now', advice: 'Shut down kernels you no longer need, or try again in a minute.' },
  engineunavailable: { title: 'Nothing can start kernels just now', advice: 'Try again in a minute; if it stays, tell the person who runs this hub.' },
  invalidrequest: { title: 'The kernel cannot be started as it is set up', advice: 'Tell the person who runs this hub.' },
  garbage: { title: 'The kernel does not speak as a kernel should', advice: 'Choose another kernel.' }
};

export function tellDeath(event: Extract<KernelEvent, { kind: 'died' }>): Story {
  const told = deaths[plain(event.cause)] ?? { title: 'The kernel died', advice: 'Nothing is known of the cause.' };
  return {
    title: told.title,
    sentences: [event.message === '' ? told.advice : event.message, 'Its variables are gone. The notebook and its outputs are still here.']
  };
}

export function tellFailure(event: Extract<KernelEvent, { kind: 'failed' }>): Story {
  const told = failures[plain(event.cause)] ?? { title: 'The kernel did not start', advice: 'Start it again, or choose another kernel.' };
  return { title: told.title, sentences: [event.message === '' ? told.advice : event.message] };
}

/** Causes are compared without case and separators: `OutOfMemory`, `out_of_memory` and `out-of-memory` are one. */
function plain(cause: string): string {
  return cause.toLowerCase().replace(/[^a-z]/g, '');
}
