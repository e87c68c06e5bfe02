import type {
  GetJackpotCommitmentsResponse,
  PotCommitment,
  SeedCommitment,
} from '../../../gen/ts/windfall/jackpot/v1/jackpot.ts';
import type { JackpotDefinitionV2 } from '../../../gen/ts/windfall/facts/v1/jackpot.ts';
import type { ViewOptions } from '../../catalogue/index.ts';
import {
  bindEndRange,
  chainOf,
  fullStream,
  isDrawn,
  PUBLISHED_AHEAD,
  readableSince,
  seedHashes,
  seedStream,
  streamId,
  winChances,
  type BoundConfig,
  type StreamRow,
} from '../../fairness/index.ts';
import { formatDecimal, type Micros } from '../../kernel/index.ts';
import { bindPot, configOf, drawnAt, phaseOf, withCycles } from './bound.ts';
import { jackpot, pot as pots, type PotRow } from './entities.ts';

type Shown = Pick<ViewOptions, 'rows' | 'keys'>;

/** The commitments of a jackpot, and the chances of a contribution of an amount. */
export function commitmentsMessage(
  content: JackpotDefinitionV2,
  amount: Micros,
  { rows, keys }: Shown,
): Omit<GetJackpotCommitmentsResponse, 'id' | 'version'> {
  const head = rows.row(jackpot, Number(content.jackpot));
  const stream = rows.row(seedStream, streamId('jackpot', head.id));
  const states = content.pots.map(({ pot }) => rows.row(pots, Number(pot)));
  const cycles = states.map(({ terms, starts }, i) => ({ terms, phase: phaseOf(content.pots[i]!, starts) }));
  const bound = withCycles(configOf(content).jackpot, cycles);
  const before = states.map((row, i) => ({ ...row, drawnAt: drawnAt(bindPot(content.pots[i]!), row) }));
  const chances = winChances(bound.jackpot, before, amount);
  // A jackpot that was never active has no seeds yet.
  const drawn = isDrawn(bound.jackpot) && head.definitionId !== 0;
  return {
    hitSeed: drawn ? commitment(stream, bound, keys, head.nonce) : undefined,
    pots: before.map((row, i): PotCommitment => ({
      id: content.pots[i]!.code,
      cycle: BigInt(row.cycle),
      value: formatDecimal(row.value),
      reserve: formatDecimal(row.reserve),
      surplus: formatDecimal(row.surplus),
      drawnValue: formatDecimal(row.drawnAt),
      cycleContributed: formatDecimal(row.sum),
      winChance: chances[i]!,
      endSeed: head.definitionId === 0 ? undefined : endSeed(row, { rows, keys }),
    })),
    winSelector: content.selector,
    chain: chainOf(head),
    config: bound.config,
    configHash: bound.configHash,
    amount: formatDecimal(amount),
  };
}

/** The commitment to the seed that a draw among all who fed a pot uses, and a hidden end. */
function endSeed(row: Readonly<PotRow>, { rows, keys }: Shown): SeedCommitment {
  const hidden = row.dueAt !== 0 && row.triggerTo !== 0n;
  const range = { from: Number(row.triggerFrom), to: Number(row.triggerTo) };
  const bound = hidden ? bindEndRange(range) : { config: '', configHash: '' };
  return commitment(rows.row(seedStream, streamId('pot', row.id)), bound, keys, 0);
}

/** The hashes of the seed in use and of the next ones. @param draws how many draws were made with it. */
function commitment(
  { name, keyId, position, movedAt }: Readonly<StreamRow>,
  { config, configHash }: BoundConfig,
  keys: Shown['keys'],
  draws: number,
): SeedCommitment {
  const [serverSeedHash, ...nextSeedHashes] = seedHashes(keys, { name, keyId }, position, 1 + PUBLISHED_AHEAD);
  return {
    config,
    configHash,
    nextSeedHashes,
    serverSeedHash: serverSeedHash!,
    stream: fullStream(name, keys.epoch),
    position: BigInt(position),
    readableSince: new Date(readableSince(movedAt, keys.epoch) / 1000),
    draws: BigInt(draws),
  };
}
