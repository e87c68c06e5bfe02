import { JackpotDefinition } from '../../../gen/ts/windfall/facts/v1/facts.ts';
import type {
  CreateJackpotRequest,
  Jackpot as JackpotMessage,
  UpdateJackpotRequest,
} from '../../../gen/ts/windfall/jackpot/v1/jackpot.ts';
import { defineDefinition } from '../../catalogue/index.ts';
import { bindJackpot, hitRateOf, type Jackpot } from './bound.ts';
import { operatorShare, potSettings, updatedDefinition } from './input.ts';
import { jackpot, pot } from './entities.ts';
import { opening, rowsOf } from './opening.ts';
import { jackpotMessage } from './view.ts';
import { endCycleOrder } from './winning.ts';

/** Jackpots' definitions: asset, pots and the ways in which each can be won never change. */
export const jackpots = defineDefinition<
  JackpotDefinition,
  Jackpot,
  CreateJackpotRequest,
  UpdateJackpotRequest,
  Partial<JackpotMessage>
>({
  engine: 'jackpot',
  nouns: { one: 'Jackpot', many: 'Jackpots' },
  reasons: { notFound: 'JACKPOT_NOT_FOUND', notActive: 'JACKPOT_NOT_ACTIVE' },
  format: 1,
  encode: (content) => JackpotDefinition.encode(content).finish(),
  read: (_, bytes) => JackpotDefinition.decode(bytes),
  async create(request, newId) {
    const settings = potSettings(request);
    const numbered = await Promise.all(settings.map(async (pot) => ({ ...pot, pot: BigInt(await newId()) })));
    return {
      jackpot: BigInt(await newId()),
      name: request.name || request.id,
      asset: request.asset,
      operatorShare: operatorShare(request.operatorShare),
      selector: request.winSelector || 'all',
      pots: numbered,
    };
  },
  update: updatedDefinition,
  configHash: (content) => Buffer.from(hitRateOf(content)?.configHash ?? '', 'hex'),
  bind: (version, tenant) => bindJackpot(version, tenant.assetNo(version.content.asset)),
  show: ({ content }, showing) => jackpotMessage(content, showing),
  shows: rowsOf,
  locks: (content) => [[jackpot, Number(content.jackpot)]],
  opening,
  ordersOf: ({ pots }, rows) =>
    pots.flatMap((one) => endCycleOrder(Number(one.pot), rows.row(pot, Number(one.pot)).dueAt)),
});
