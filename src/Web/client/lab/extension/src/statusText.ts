// What the status line says. Pure.

export interface StatusText {
  readonly text: string;
  /** Said by screen readers, and shown when the pointer rests on the line. */
  readonly title: string;
}

/** The server is named where it is not the default one: its tabs look like those of the others. */
export function statusText(user: string, kernelId: string | null, server = ''): StatusText {
  const person = user === '' ? 'nobody' : user;
  const place = server === '' ? '' : ` · ${server}`;
  const where = server === '' ? '' : `, in the server ${server}`;
  if (kernelId === null) {
    return { text: `${person}${place}`, title: `Signed in as ${person}${where}` };
  }
  const short = kernelId.slice(0, 8);
  return { text: `${short} · ${person}${place}`, title: `Kernel ${short}, signed in as ${person}${where}` };
}
