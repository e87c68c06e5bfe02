import { readRowsById } from '../../journal/index.ts';
import type { AccountOwner } from '../kit/index.ts';
import { jackpot, potEnd } from './entities.ts';

/** A jackpot's own account. */
const own: AccountOwner = {
  kind: 'jackpot',
  async definitionsOf({ reads }, operator, owners) {
    const rows = await reads((em) => readRowsById(em, jackpot, operator, owners));
    return new Map(rows.map(({ id, definitionId }) => [id, definitionId]));
  },
};

/** The escrow accounts of pots that were closed. */
const escrow: AccountOwner = {
  kind: 'escrow',
  async definitionsOf(platform, operator, owners) {
    const ends = await platform.reads((em) => readRowsById(em, potEnd, operator, owners));
    const definitions = await own.definitionsOf(
      platform,
      operator,
      ends.map(({ jackpotId }) => jackpotId),
    );
    return new Map(ends.map(({ id, jackpotId }) => [id, definitions.get(jackpotId)!]));
  },
};

export const jackpotAccounts = [own, escrow];
