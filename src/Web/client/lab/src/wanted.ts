import type { Wanted } from './collect';

/** What a Notebook page wants: what every page wants, and its own on top. */
export function wantedBy(pages: Readonly<Record<string, Wanted>>, page: string): Wanted {
  const sum: Record<string, true | readonly string[]> = { ...pages['/'] };
  for (const [name, more] of Object.entries(pages[`/${page}`] ?? {})) {
    const before = sum[name];
    sum[name] = before === true || more === true ? true : [...(before ?? []), ...more];
  }
  return sum;
}
