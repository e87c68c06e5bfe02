import { JackpotDefinitionV2, type PotDefinitionV2 } from '../../../gen/ts/windfall/facts/v1/jackpot.ts';
import type {
  CreateJackpotRequest,
  Jackpot as JackpotMessage,
  UpdateJackpotRequest,
} from '../../../gen/ts/windfall/jackpot/v1/jackpot.ts';
import { defineDefinition } from '../../catalogue/index.ts';
import { isDrawn } from '../../fairness/index.ts';
import { invalid } from '../../kernel/index.ts';
import { bindJackpot, configOf, type Jackpot } from './bound.ts';
import { operatorShare, potSettings, updatedDefinition } from './input.ts';
import { jackpot, pot } from './entities.ts';
import { readFirstFormat } from './first-version.ts';
import { opening, rowsOf } from './opening.ts';
import { renewal } from './renewing.ts';
import { jackpotMessage } from './view.ts';
import { endCycleOrder } from './winning.ts';

/** In production a pot's time is at least a minute: each end is a fact, also where nobody has contributed. */
const LASTING_SECONDS = 60n;

function requireLasting({ mustDropSeconds }: PotDefinitionV2, i: number): void {
  if (mustDropSeconds === 0n || mustDropSeconds >= LASTING_SECONDS) return;
  throw invalid(`pots[${i}].win_rules`, `must not end a pot sooner than after ${LASTING_SECONDS} seconds`);
}

/** Jackpots' definitions: asset, pots and the ways in which each can be won never change. */
export const jackpots = defineDefinition<
  JackpotDefinitionV2,
  Jackpot,
  CreateJackpotRequest,
  UpdateJackpotRequest,
  Partial<JackpotMessage>
>({
  engine: 'jackpot',
  nouns: { one: 'Jackpot', many: 'Jackpots' },
  reasons: { notFound: 'JACKPOT_NOT_FOUND', notActive: 'JACKPOT_NOT_ACTIVE' },
  format: 2,
  encode: (content) => JackpotDefinitionV2.encode(content).finish(),
  read: (format, bytes) => (format === 1 ? readFirstFormat(bytes) : JackpotDefinitionV2.decode(bytes)),
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
      instance: undefined,
    };
  },
  update: updatedDefinition,
  requireProduction: ({ pots }) => pots.forEach(requireLasting),
  configHash(content) {
    const { jackpot, configHash } = configOf(content);
    return Buffer.from(isDrawn(jackpot) ? configHash : '', 'hex');
  },
  bind: (version, tenant) => bindJackpot(version, tenant.assetNo(version.content.asset)),
  show: ({ content }, showing) => jackpotMessage(content, showing),
  shows: rowsOf,
  locks: (content) => [[jackpot, Number(content.jackpot)]],
  opening,
  renewal,
  ordersOf: ({ pots }, rows) =>
    pots.flatMap((one) => {
      const { dueAt, triggerFrom } = rows.row(pot, Number(one.pot));
      return endCycleOrder(Number(one.pot), { dueAt: BigInt(dueAt), hiddenFrom: dueAt === 0 ? 0n : triggerFrom });
    }),
});
