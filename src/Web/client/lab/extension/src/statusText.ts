// What the status line says. Pure.

export interface StatusText {
  readonly text: string;
  /** Said by screen readers, and shown when the pointer rests on the line. */
  readonly title: string;
}

export function statusText(user: string, kernelId: string | null): StatusText {
  const person = user === '' ? 'nobody' : user;
  if (kernelId === null) {
    return { text: person, title: `Signed in as ${person}` };
  }
  const short = kernelId.slice(0, 8);
  return { text: `${short} · ${person}`, title: `Kernel ${short}, signed in as ${person}` };
}
