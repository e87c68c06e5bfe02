import type { JackpotDefinition, PotDefinition } from '../../../gen/ts/windfall/facts/v1/facts.ts';
import type {
  GetJackpotCommitmentsResponse,
  PotCommitment,
  SeedCommitment,
} from '../../../gen/ts/windfall/jackpot/v1/jackpot.ts';
import type { ViewOptions } from '../../catalogue/index.ts';
import {
  fullStream,
  PUBLISHED_AHEAD,
  readableSince,
  seedHashes,
  seedStream,
  streamId,
  type StreamRow,
} from '../../fairness/index.ts';
import { formatDecimal } from '../../kernel/index.ts';
import { boundsOf, hitRateOf } from './bound.ts';
import { jackpot, pot as pots } from './entities.ts';

type Shown = Pick<ViewOptions, 'rows' | 'keys'>;

/** The commitments of a jackpot, and the money that its pots keep for their next starts. */
export function commitmentsMessage(
  content: JackpotDefinition,
  shown: Shown,
): Pick<GetJackpotCommitmentsResponse, 'hitSeed' | 'pots'> {
  const head = shown.rows.row(jackpot, Number(content.jackpot));
  const stream = shown.rows.row(seedStream, streamId('jackpot', head.id));
  const bound = hitRateOf(content);
  return {
    // A jackpot that was never active has no seeds yet.
    hitSeed: bound === null || head.definitionId === 0 ? undefined : commitment(stream, bound, shown, head.nonce),
    pots: content.pots.map((pot) => potCommitment(pot, shown)),
  };
}

function potCommitment({ pot, code }: PotDefinition, shown: Shown): PotCommitment {
  const row = shown.rows.row(pots, Number(pot));
  const stream = shown.rows.row(seedStream, streamId('pot', row.id));
  const bounds = boundsOf(row);
  return {
    id: code,
    cycle: BigInt(row.cycle),
    value: formatDecimal(row.value),
    reserve: formatDecimal(row.reserve),
    surplus: formatDecimal(row.surplus),
    // The seed's position follows from the cycle, so row and seed match whenever the stream was read.
    trigger: bounds === null ? undefined : commitment({ ...stream, position: row.cycle - 1 }, bounds, shown, 1),
  };
}

/** The hashes of the seed in use and of the next ones. @param draws how many draws were made with it. */
function commitment(
  { name, keyId, position, movedAt }: Readonly<StreamRow>,
  { config, configHash }: { config: string; configHash: string },
  { keys }: Shown,
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
