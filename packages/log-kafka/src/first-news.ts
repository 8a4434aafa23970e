/**
 * Waits until all are settled, or one of them has news; one that fails has none.
 * @returns in order what is settled by then, null for the others, which go on by themselves
 */
export async function firstNews<T>(
  works: readonly Promise<T>[],
  isNews: (value: T) => boolean,
): Promise<readonly (PromiseSettledResult<T> | null)[]> {
  const settled: (PromiseSettledResult<T> | null)[] = works.map(() => null);
  const { promise, resolve } = Promise.withResolvers<void>();
  let left = works.length;
  const settle = async (work: Promise<T>, index: number): Promise<void> => {
    const [result] = await Promise.allSettled([work]);
    settled[index] = result;
    left -= 1;
    if (left === 0 || (result.status === "fulfilled" && isNews(result.value))) resolve();
  };
  for (const [index, work] of works.entries()) void settle(work, index);
  if (left > 0) await promise;
  return [...settled];
}
