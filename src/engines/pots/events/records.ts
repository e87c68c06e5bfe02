import type { PayoutRecord } from '../../../../gen/ts/windfall/event/v1/pots.ts';
import type { Names } from '../../../events/index.ts';
import { toNumber, type Micros } from '../../../kernel/index.ts';
import { publicOwner } from './owner.ts';

/** What players get, as events tell it. */
export const records = (
  payments: readonly { readonly player: bigint; readonly amount: Micros }[],
  currency: string,
  names: Names,
): PayoutRecord[] =>
  payments.map(({ player, amount }) => {
    const { userId, brandId } = names.player(player);
    return { currency, playerId: userId, brandId: publicOwner(names, brandId), winAmount: toNumber(amount) };
  });
