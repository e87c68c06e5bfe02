import type { PotsWalletReserved } from '../../../../gen/ts/windfall/facts/v1/pots_wallet.ts';
import type { OperatorNo } from '../../../kernel/index.ts';
import type { Platform } from '../../../platform/index.ts';
import { potsDirectory } from '../config/directory.ts';
import { numbersOf } from '../contribution/new-numbers.ts';
import type { PotsRequest } from '../contribution/part.ts';
import { instances } from '../instances.ts';
import { earningsIn } from '../raffle/earning.ts';
import type { Reserved } from './reserved.ts';

/**
 * The contribution that was reserved, to be decided again with the instances and rates of now. Throws
 * INSTANCE_NOT_FOUND, UNAVAILABLE. @param fresh whether cached instances have turned out to be outdated.
 */
export async function resumed(
  platform: Platform,
  operator: OperatorNo,
  { row, data }: Reserved,
  fresh: boolean,
): Promise<PotsRequest> {
  const { definitions } = platform;
  const codes = data.parts.map(({ instance }) => instance);
  const jackpots = [];
  for (const code of codes) jackpots.push(await definitions.get(instances, operator, code, fresh));
  return {
    ...requestOf(data),
    rates: await potsDirectory(platform).rates(operator, Number(data.brand)),
    instances: jackpots,
    numbers: await numbersOf(jackpots, platform),
    earning: await earningsIn(platform, operator, jackpots),
    wallet: {
      row,
      debited: new Map(data.parts.map(({ instance, amount, cause }) => [instance, cause === '' ? amount : cause])),
    },
  };
}

function requestOf(
  data: PotsWalletReserved,
): Omit<PotsRequest, 'rates' | 'instances' | 'numbers' | 'earning' | 'wallet'> {
  const { callbackUrl: url, winsOnly, metadata, sourceType, sourceId, vertical, provider } = data;
  const { playerHash, country, wager, currency, clientSeed } = data;
  return {
    playerHash,
    country,
    wager,
    currency,
    clientSeed,
    player: Number(data.player),
    brand: Number(data.brand),
    asset: Number(data.asset),
    callback: url === '' ? undefined : { url, winsOnly, metadata },
    noted: { sourceType, sourceId, vertical, provider },
    told: { source: data.source, metadata: data.eventMetadata },
  };
}
