import { JackpotServiceService } from '../../../../gen/ts/windfall/jackpot/v1/jackpot.ts';
import { noted, requireActive } from '../../../catalogue/index.ts';
import { account, type Command } from '../../../journal/index.ts';
import { formatDecimal, ApiError, type Caller } from '../../../kernel/index.ts';
import { write, type OperationOf } from '../../../platform/index.ts';
import { checkPlay, userIdFor } from '../../../players/index.ts';
import { creditedByWallet, owingFor, type Owing } from '../../../wallets/index.ts';
import { potOf } from '../bound.ts';
import { jackpots } from '../definition.ts';
import { brandOf, endNeeds, endNeedsThen, payTo, type CycleEnd } from '../ending.ts';
import { pot as pots } from '../entities.ts';
import { wholeOf } from '../payouts.ts';
import { reasonName } from '../view.ts';
import type { Payout } from '../winning.ts';

export interface DropRequest extends CycleEnd {
  /** The reason of an award to that winner, empty if none is given; null: it is no award. */
  readonly award: string | null;
  /** Whether the call has an idempotency key. */
  readonly keyed: boolean;
  /** The only brand whose players the caller may pay; null: all of them. */
  readonly brand: number | null;
  /** Unset: the built-in ledger pays. */
  readonly owing: Owing | undefined;
}

export interface DropAnswer {
  readonly operationId: string;
  /** Microseconds since 1970. */
  readonly time: number;
  readonly won: Payout;
  readonly replayed: boolean;
}

/**
 * Pays a pot out. Throws JACKPOT_NOT_ACTIVE, DROP_NOT_ALLOWED, NOTHING_TO_DROP, PLAYER_EXCLUDED, NO_WINNER,
 * BALANCE_OUT_OF_RANGE, and StaleVersionError if another version is in force.
 */
export const dropping: Command<DropRequest, DropAnswer> = {
  name: 'jackpot.drop',
  needs: endNeeds,
  needsThen: endNeedsThen,
  later: account.rank,
  decide(request, snapshot) {
    const { jackpot, pot, winner, award, keyed, brand, owing } = request;
    requireActive(jackpots, jackpot, snapshot);
    const details = { id: jackpot.code, pot_id: pot.code };
    if (!pot.externalDrop) throw new ApiError('DROP_NOT_ALLOWED', 'the pot is not dropped from outside', { details });
    const row = snapshot.row(pots, pot.id);
    if ((row.lastPlayer === 0 && !keyed) || row.value === 0n) {
      throw new ApiError('NOTHING_TO_DROP', 'nothing was contributed since the last drop', { details });
    }
    if (winner !== 0) checkPlay(snapshot, winner, []);
    const player = winner || row.lastPlayer;
    if (player === 0) throw new ApiError('NO_WINNER', 'nobody has contributed since the last drop', { details });
    if (winner === 0 && brand !== null && brandOf(player, snapshot) !== brand)
      throw new ApiError('NO_WINNER', 'no player of the brand has contributed last', { details });
    const won = payTo(player, request, row, award, snapshot);
    const facts = award === null ? [won] : [won, noted(jackpot, 'awarded', award, snapshot)];
    return creditedByWallet(facts, owing, { reason: 'trigger', jackpot: jackpot.id }, snapshot);
  },
  answer: ({ id, time, facts }, replayed) => ({ operationId: id, time, replayed, won: facts[0]!.data as Payout }),
};

const drop = write({
  method: JackpotServiceService.dropJackpot,
  command: () => dropping,
  player: ({ winnerUserId, brandId }) => (winnerUserId === '' ? null : { userId: winnerUserId, brandId }),
  definition: jackpots,
  async prepare(
    { potId, brandId, winnerUserId, idempotencyKey, reason },
    { platform, caller, who, definition: jackpot },
  ) {
    const { newId, tenants } = platform;
    if (winnerUserId === '' && brandId !== '') (await tenants.of(caller.operator)).brand(caller, brandId);
    const request: DropRequest = {
      jackpot,
      owing: jackpot.instance && (await owingFor(platform, caller.operator)),
      pot: potOf(jackpot, potId),
      winner: who.player,
      number: jackpot.withholds ? await newId() : 0,
      award: winnerUserId === '' ? null : reason,
      keyed: idempotencyKey !== '',
      brand: caller.brand,
    };
    // A jackpot has no brand: the key is the same whether the call names a brand, a winner with a brand, or neither.
    return { request, route: jackpot.id, brand: 0 };
  },
  async respond({ operationId, time, won, replayed }, { platform: { players, tenants }, caller }, { id }) {
    const player = Number(won.player);
    const winner = (await players.byId(caller.operator, [player])).get(player);
    return {
      dropId: operationId,
      jackpotId: id,
      potId: won.potCode,
      won: formatDecimal(won.amount),
      withheld: won.withheld ?? false,
      asset: tenants.assetCode(caller.operator, Number(won.asset)),
      poolBefore: formatDecimal(wholeOf(won)),
      poolAfter: formatDecimal(won.start!.value),
      cycle: won.cycle,
      triggerReason: reasonName(won.reason),
      winnerUserId: userIdFor(caller, winner) ?? '',
      seedDeficit: formatDecimal(won.deficit),
      dropTime: new Date(time / 1000),
      awardReason: won.award || undefined,
      deduped: replayed,
    };
  },
});

const AWARD = 'jackpot:award';

/** Throws SCOPE_MISSING if a service that names the winner may not award pots. */
function requireAward({ role, scopes }: Caller, winner: string): void {
  if (winner === '' || role !== 'service' || scopes.has(AWARD)) return;
  throw new ApiError('SCOPE_MISSING', `the API key lacks the scope ${AWARD}`, { details: { scope: AWARD } });
}

/** Pays a pot out. With an idempotency key a retry does not pay twice. */
export const dropJackpot: OperationOf<typeof JackpotServiceService.dropJackpot> = (platform) => {
  const operation = drop(platform);
  return async (request, context) => {
    requireAward(context.caller, request.winnerUserId);
    return operation(request, context);
  };
};
