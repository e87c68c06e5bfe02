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

/** The escrow accounts of pots that were closed, and of wins that are withheld. */
const escrow: AccountOwner = {
  kind: 'escrow',
  async definitionsOf(platform, operator, owners) {
    const ends = await platform.reads((em) => readRowsById(em, potEnd, operator, owners));
    const jackpotOf = new Map(owners.map((owner) => [owner, owner]));
    for (const { id, jackpotId } of ends) jackpotOf.set(id, jackpotId);
    const definitions = await own.definitionsOf(platform, operator, [...jackpotOf.values()]);
    const found = [...jackpotOf].filter(([, jackpotId]) => definitions.has(jackpotId));
    return new Map(found.map(([owner, jackpotId]) => [owner, definitions.get(jackpotId)!]));
  },
};

export const jackpotAccounts = [own, escrow];
