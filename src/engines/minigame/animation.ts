import type { Animation } from '../../../gen/ts/windfall/minigame/v1/minigame.ts';
import type { Draw } from '../../fairness/index.ts';
import type { Animate } from '../../prizes/index.ts';

/** A cell without a prize. */
const BLANK = -1;
/** How many cells a card has, and how often the drawn prize is on it; every other prize is on it less often. */
const CARDS = { scratch: { cells: 9, alike: 3 }, match: { cells: 6, alike: 2 } } as const;
const THOUSANDTHS = 1000;
/** What the rest of a stored animation is: its first number. */
const SHOWN = { nothing: 0, offset: 1, path: 2, cells: 3 } as const;

/** What a client animates of a kind of game, from further words of the draw. @param prizes how many there are. */
export function animationOf(kind: string, prizes: number): Animate {
  switch (kind) {
    case 'wheel':
    case 'prize_drop':
      return (draw) => [SHOWN.offset, draw.uniform(THOUSANDTHS)];
    case 'plinko':
      return (draw, [bucket = 0]) => [SHOWN.path, ...pathTo(bucket, prizes - 1, draw)];
    case 'scratch':
    case 'match':
      return (draw, [drawn = 0]) => [SHOWN.cells, ...cardOf(CARDS[kind], drawn, prizes, draw)];
    default:
      return () => [SHOWN.nothing];
  }
}

/** A path of `rows` steps with `bucket` steps to the right, each such path equally likely. */
function pathTo(bucket: number, rows: number, draw: Draw): number[] {
  let right = bucket;
  return Array.from({ length: rows }, (_, row) => {
    if (draw.uniform(rows - row) >= right) return 0;
    right -= 1;
    return 1;
  });
}

/** A card in random order: the drawn prize, others one time less each, and blanks if there are too few. */
function cardOf({ cells, alike }: (typeof CARDS)['scratch' | 'match'], drawn: number, prizes: number, draw: Draw) {
  const others = Array.from({ length: prizes }, (_, index) => index).filter((index) => index !== drawn);
  const card = [
    ...Array<number>(alike).fill(drawn),
    ...shuffled(others, draw).flatMap((index) => Array<number>(alike - 1).fill(index)),
    ...Array<number>(cells).fill(BLANK),
  ];
  return shuffled(card.slice(0, cells), draw);
}

/** The items in an order of which each is equally likely. */
function shuffled(items: readonly number[], draw: Draw): number[] {
  const out = [...items];
  for (let last = out.length - 1; last > 0; last--) {
    const other = draw.uniform(last + 1);
    [out[last], out[other]] = [out[other]!, out[last]!];
  }
  return out;
}

/** The message of a stored animation. */
export function animationMessage(segment: number, [what, ...values]: readonly number[]): Animation {
  return {
    segment,
    offset: what === SHOWN.offset ? values[0] : undefined,
    path: what === SHOWN.path ? values : [],
    cells: what === SHOWN.cells ? values : [],
  };
}
