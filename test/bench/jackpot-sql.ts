/** The SQL of contributions to one jackpot without draws, paid by the operator. */
import { definition } from '../../src/catalogue/index.ts';
import { jackpotContributed } from '../../src/engines/jackpot/contributed.ts';
import { jackpot, pot } from '../../src/engines/jackpot/entities.ts';
import { account, kindOfAccount, ownerOfAccount } from '../../src/journal/index.ts';
import { State } from '../../src/journal/state.ts';
import { BATCH, lock, look, lookUpKeys, openSql, prepareSaves, type SqlOptions } from './bare-sql.ts';
import type { OpenDriver } from './driver.ts';

const MOST_PER_SECOND = 100_000;

export const open: OpenDriver<SqlOptions> = (options) =>
  openSql(options, MOST_PER_SECOND, async (read) => {
    const like = await read.sample(jackpotContributed.number);
    const [fact] = like.facts;
    const heads = (await read.all(jackpot)).filter(({ id }) => id === fact!.id);
    const pots = (await read.all(pot)).filter(({ jackpotId }) => jackpotId === fact!.id);
    const accounts = (await read.all(account)).filter(
      ({ id }) => kindOfAccount(id) === 'jackpot' && ownerOfAccount(id) === fact!.id,
    );
    return async () => {
      const state = new State();
      for (const row of heads) state.put(jackpot, row, true);
      for (const row of pots) state.put(pot, row, true);
      for (const row of accounts) state.put(account, row, true);
      const { saves, keys } = await prepareSaves(
        state,
        like,
        Array.from({ length: BATCH }, () => fact!),
      );
      return {
        saves,
        locks: [
          lock(
            jackpot,
            heads.map(({ id }) => id),
          ),
          lock(
            pot,
            pots.map(({ id }) => id),
          ),
          lock(
            account,
            accounts.map(({ id }) => id),
          ),
        ],
        looks: [
          look(
            definition,
            heads.map(({ definitionId }) => definitionId),
          ),
          lookUpKeys(keys),
        ],
      };
    };
  });
