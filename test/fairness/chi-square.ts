/** How far counts lie from what they should be. */
export interface Fit {
  readonly chiSquare: number;
  readonly freedom: number;
  /** (χ² − freedom) / √(2 · freedom): its distance from its mean in standard deviations. */
  readonly sigmas: number;
  /** The chance of a χ² at least as large, if the counts follow the odds. */
  readonly p: number;
}

/** Counts of one multinomial experiment beside the probabilities of its outcomes. */
export interface Group {
  readonly observed: readonly number[];
  readonly probabilities: readonly number[];
}

/**
 * Pearson's test over groups, each with a total of its own. Cells that expect less than 5 are taken together.
 */
export function chiSquareOf(groups: readonly Group[]): Fit {
  let [chiSquare, freedom] = [0, 0];
  for (const group of groups) {
    const cells = cellsOf(group);
    freedom += cells.length - 1;
    for (const { observed, expected } of cells) chiSquare += (observed - expected) ** 2 / expected;
  }
  const sigmas = (chiSquare - freedom) / Math.sqrt(2 * freedom);
  return { chiSquare, freedom, sigmas, p: upperGamma(freedom / 2, chiSquare / 2) };
}

interface Cell {
  readonly observed: number;
  readonly expected: number;
}

function cellsOf({ observed, probabilities }: Group): Cell[] {
  const total = observed.reduce((sum, count) => sum + count, 0);
  const cells = observed.map((count, at) => ({ observed: count, expected: probabilities[at]! * total }));
  const impossible = cells.find((cell) => cell.expected === 0 && cell.observed > 0);
  if (impossible !== undefined) throw new Error('an outcome of probability zero was drawn');
  const large = cells.filter(({ expected }) => expected >= 5);
  const rest = cells.filter(({ expected }) => expected < 5).reduce(add, { observed: 0, expected: 0 });
  if (large.length === 0) return [rest];
  return rest.expected >= 5 ? [...large, rest] : [...large.slice(0, -1), add(large.at(-1)!, rest)];
}

function add(a: Cell, b: Cell): Cell {
  return { observed: a.observed + b.observed, expected: a.expected + b.expected };
}

/**
 * The regularised upper incomplete gamma function Q(a, x): by its series below a + 1, else by Lentz's
 * continued fraction.
 */
export function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1;
  const scale = Math.exp(a * Math.log(x) - x - logGamma(a));
  return x < a + 1 ? 1 - scale * series(a, x) : scale * fraction(a, x);
}

function series(a: number, x: number): number {
  let [term, sum] = [1 / a, 1 / a];
  for (let n = 1; term > sum * 1e-16; n++) sum += term *= x / (a + n);
  return sum;
}

function fraction(a: number, x: number): number {
  let b = x + 1 - a;
  let [c, d] = [1e300, 1 / b];
  let result = d;
  for (let n = 1, step = 0; Math.abs(step - 1) > 1e-15 && n < 100_000; n++) {
    b += 2;
    d = 1 / (n * (a - n) * d + b);
    c = b + (n * (a - n)) / c;
    step = c * d;
    result *= step;
  }
  return result;
}

/** ln Γ(x) by Stirling's series, shifted to x ≥ 12, where its first terms are exact to 10⁻¹². */
function logGamma(x: number): number {
  if (x < 12) return logGamma(x + 1) - Math.log(x);
  const square = x * x;
  const correction = 1 / (12 * x) - 1 / (360 * x * square) + 1 / (1260 * x * square * square);
  return (x - 0.5) * Math.log(x) - x + Math.log(2 * Math.PI) / 2 + correction;
}
