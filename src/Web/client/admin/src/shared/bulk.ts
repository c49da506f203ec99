/** Does something to many, a few at a time, and says of each that failed why. Nothing stops at the first failure. */
export interface Summary {
  readonly done: number;
  readonly failed: readonly { readonly name: string; readonly why: string }[];
}

export async function each(names: readonly string[], act: (name: string) => Promise<unknown>, atOnce = 6): Promise<Summary> {
  const failed: { name: string; why: string }[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let name = names[next++]; name !== undefined; name = names[next++]) {
      try {
        await act(name);
      } catch (error) {
        failed.push({ name, why: error instanceof Error ? error.message : String(error) });
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, names.length) }, work));
  failed.sort((one, other) => (one.name < other.name ? -1 : 1));
  return { done: names.length - failed.length, failed };
}
