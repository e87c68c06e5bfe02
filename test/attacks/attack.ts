import type { Scene } from './scene.ts';

/** An attack as the table shows it. */
export interface Attack {
  readonly name: string;
  /** What it did before it was met, and who says so. */
  readonly before: string;
  /** How long health and another operator's calls may take meanwhile, where that is not a second. */
  readonly patienceMs?: number;
  run(scene: Scene): Promise<Finding>;
}

/** What an attack came to. Without faults it was refused, or did no harm. */
export interface Finding {
  readonly now: string;
  readonly faults: readonly string[];
}

/** @param faults what would be harm, and whether it is so. */
export function judge(now: string, faults: Readonly<Record<string, boolean>>): Finding {
  return { now, faults: Object.keys(faults).filter((name) => faults[name]) };
}

/** How often each of some words occurs: `3 × OK, 1 × UNAVAILABLE`. */
export function tally(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].map(([word, count]) => `${count.toLocaleString('en')} × ${word}`).join(', ');
}

/** Runs `work` for each number below `count`, at most `width` at a time. */
export async function each<T>(count: number, width: number, work: (n: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let n = next++; n < count; n = next++) results[n] = await work(n);
  };
  await Promise.all(Array.from({ length: Math.min(width, count) }, worker));
  return results;
}
