import { bindPotEnd, drawEndTime, drawPoint, type PotEnd } from '../../src/fairness/pot-end.ts';
import { potEndText } from '../../src/fairness/records/pot-end.ts';
import type { RecordProof } from '../../src/fairness/records/record.ts';
import { sampleDraw, sampleHead, sampleProof } from './sample-records.ts';

const CHAIN = '5a'.repeat(32);
/** In microseconds since 1970. */
const CLOSED = 1_795_000_000_000_007;
const DUE = 1_794_999_999_999_000;

/** A proof of a pot that is drawn among all who fed it. @param dueAt 0: at no time. */
function potEndRecord(end: PotEnd, dueAt: number, reserve: bigint, withheld: boolean): RecordProof {
  const bound = bindPotEnd(end);
  const [head, seed] = sampleHead('pot', bound, {
    position: 2,
    clientSeeds: [],
    head: {
      player: '00112233445566778899aabbccddeeff',
      definition: { engine: 'jackpot', id: 'friday', version: 2 },
    },
  });
  const draw = sampleDraw(head, seed, 0, CHAIN);
  const point = drawPoint(draw, bound);
  const outcome = potEndText({
    ...end,
    point,
    reserve,
    dueAt,
    withheld,
    chain: CHAIN,
    closedAt: CLOSED,
    hiddenTime: end.hidden === null ? 0 : drawEndTime(seed, end.hidden),
    words: draw.wordsConsumed,
    contribution: '0192a4c4-0000-7000-8000-00000000cafe',
    sumBefore: point - 5n,
    sumAfter: point + 3n,
    value: 812_000_001n,
  });
  return sampleProof('pot_end', [head, seed], outcome, bound);
}

const of = { pot: 'grand', cycle: 3, sum: 812_500_000_000n };
const hidden = { from: DUE / 1000 - 86_400_000, to: DUE / 1000 };

/** Ends of every kind. */
export const potEnds: readonly { name: string; proof: RecordProof }[] = [
  { name: 'pot_end: a time', proof: potEndRecord({ ...of, end: 'time', hidden: null }, DUE, 0n, false) },
  { name: 'pot_end: a hidden time', proof: potEndRecord({ ...of, end: 'time', hidden }, DUE, 0n, true) },
  { name: 'pot_end: a final draw', proof: potEndRecord({ ...of, end: 'final', hidden: null }, 0, 9n, false) },
];
