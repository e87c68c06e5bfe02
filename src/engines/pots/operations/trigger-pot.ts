import { InstanceServiceService } from '../../../../gen/ts/windfall/pots/v1/instance.ts';
import { notFound } from '../../../catalogue/index.ts';
import type { Command } from '../../../journal/index.ts';
import { toNumber } from '../../../kernel/index.ts';
import { write } from '../../../platform/index.ts';
import { owingFor } from '../../../wallets/index.ts';
import { dropping, optIn, optInCode, potOf, rejected, type DropAnswer, type DropRequest } from '../../jackpot/index.ts';
import { accepting } from '../contribution/accepting.ts';
import { withWon } from '../contribution/part.ts';
import { requireOperator } from '../contribution/prepare.ts';
import { termsOf } from '../contribution/terms.ts';
import { instances } from '../instances.ts';

interface TriggerRequest extends DropRequest {
  /** The number of the winner's brand. */
  readonly winnersBrand: number;
  readonly source: string;
}

/** Pays a pot to a player of the caller's choice, whom the instance would let contribute. */
const triggering: Command<TriggerRequest, DropAnswer> = {
  ...dropping,
  name: 'pots.trigger',
  needs(request, rows) {
    dropping.needs(request, rows);
    rows.lockCode(optIn, optInCode(request.jackpot.id, request.winner));
  },
  decide: (request, snapshot) =>
    accepting(request.jackpot, () => {
      const { jackpot, winner, winnersBrand } = request;
      const { optInRequired, brands } = termsOf(jackpot);
      if (brands.size > 0 && !brands.has(winnersBrand)) throw rejected(jackpot.code, 'BrandNotAllowed');
      const row = snapshot.find(optIn, optInCode(jackpot.id, winner));
      const isIn = row !== undefined && snapshot.row(optIn, row).optedIn === 1;
      if (optInRequired && !isIn) throw rejected(jackpot.code, 'PlayerNotOptedIn');
      const { source } = request;
      return dropping
        .decide(request, snapshot)
        .map((fact) => withWon(fact, () => ({ source, metadata: '', rates: [] })));
    }),
};

/** Pays a pot for something that happened outside. */
export const triggerPot = write({
  method: InstanceServiceService.triggerPot,
  command: () => triggering,
  admit: ({ brandId }, { platform, caller }) => requireOperator(platform, caller, brandId.split(':')[0]!),
  player: ({ playerId, brandId }) => ({ userId: playerId, brandId: brandId.split(':')[1]! }),
  async prepare(request, { platform, caller, who, fresh }) {
    const code = request.instanceId.toLowerCase();
    const jackpot = await platform.definitions.get(instances, caller.operator, code, fresh);
    if (jackpot.instance === undefined) throw notFound(instances, request.instanceId);
    const trigger: TriggerRequest = {
      jackpot,
      owing: await owingFor(platform, caller.operator),
      pot: potOf(jackpot, request.potId),
      winner: who.player,
      number: jackpot.withholds ? await platform.newId() : 0,
      winnersBrand: who.brandId,
      source: request.sourceId,
      award: `triggered by ${request.sourceId}`,
      keyed: request.idempotencyKey !== '',
      brand: caller.brand,
    };
    return { route: jackpot.id, request: trigger };
  },
  respond: ({ time, won }, _, { instanceId }) => ({
    trigger: {
      instanceId: instanceId.toLowerCase(),
      timestamp: Math.floor(time / 1000),
      winAmount: toNumber(won.amount),
      winPotId: won.potCode,
    },
  }),
});
