import type { WithheldPayment } from '../../gen/ts/windfall/facts/v1/settlement.ts';
import {
  account,
  accountId,
  type AccountId,
  type AssetNo,
  type Command,
  type Fact,
  type Snapshot,
  type Transfer,
} from '../journal/index.ts';
import { MICROS_MAX, type Micros } from '../kernel/index.ts';
import { settlement, settlementPaid } from './settlement.ts';

/** How many payees one command pays at most. */
export const PAGE = 500;

/** Someone to whom a settlement owes something. */
export interface Payee {
  /** Above 0; payees are paid in ascending order. A player may be several payees. */
  readonly position: number;
  readonly player: number;
  /** Amounts above 0. */
  readonly amounts: readonly { readonly asset: AssetNo; readonly amount: Micros }[];
}

/** A page of a settlement. */
export interface Page {
  /** The number of the settlement. */
  readonly id: number;
  /** The position that the page was read after. */
  readonly after: number;
  readonly payees: readonly Payee[];
  /** Whether there are no payees after these. */
  readonly last: boolean;
  /** The task to order for the next page; empty: none. */
  readonly task: string;
}

/**
 * Pays a page of payees from escrow; answers whether it did. Decides nothing if the settlement is not where the page
 * was made for: another process has paid it. A payment that the receiver's balance cannot hold is withheld, and does
 * not stop the others.
 */
export const payPage: Command<Page, boolean> = {
  name: 'settlement.pay',
  needs({ id, payees }, rows) {
    rows.lock(settlement, id);
    for (const { player, amounts } of payees) {
      for (const { asset } of amounts) {
        rows.lock(account, accountId('escrow', id, asset));
        rows.lock(account, accountId('player', player, asset));
      }
    }
  },
  decide(page, snapshot) {
    const { openedAt, finishedAt, position } = snapshot.row(settlement, page.id);
    if (openedAt === 0 || finishedAt !== 0 || position !== page.after) return [];
    return [paidFact(page, snapshot)];
  },
  answer: ({ facts }) => facts.length > 0,
};

function paidFact({ id, after, payees, last, task }: Page, snapshot: Snapshot): Fact {
  const received = new Map<AccountId, Micros>();
  const transfers: Transfer[] = [];
  const withheld: WithheldPayment[] = [];
  for (const { player, amounts } of payees) {
    for (const { asset, amount } of amounts) {
      const to = accountId('player', player, asset);
      const before = received.get(to) ?? snapshot.row(account, to).balance;
      if (before + amount > MICROS_MAX) {
        withheld.push({ player: BigInt(player), asset: BigInt(asset), amount });
        continue;
      }
      received.set(to, before + amount);
      transfers.push({ from: accountId('escrow', id, asset), to, amount });
    }
  }
  const data = {
    withheld,
    position: BigInt(payees.at(-1)?.position ?? after),
    payees: BigInt(payees.length),
    finished: last,
  };
  const tasks = task === '' || last ? [] : [{ task, id, at: snapshot.now }];
  return { kind: settlementPaid, id, data, transfers, tasks };
}
