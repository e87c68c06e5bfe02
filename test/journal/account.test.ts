import assert from 'node:assert/strict';
import { test } from 'vitest';
import {
  accountId,
  accountKind,
  accountsOf,
  assetOfAccount,
  isLocked,
  isPlayers,
  kindOfAccount,
  ownerOfAccount,
  type AccountKind,
} from '../../src/journal/index.ts';
import { accountSql } from '../../src/journal/account.ts';
import { freshDatabase } from '../support/database.ts';
import { runSql } from '../support/sql.ts';

const KINDS = Object.keys(accountKind) as AccountKind[];
const ASSETS = [0, 1, 511];
/** The largest is the last one whose accounts are whole numbers in JavaScript. */
const OWNERS = [0, 1, 2 ** 39 - 1];

const all = OWNERS.flatMap((owner) =>
  ASSETS.flatMap((asset) => KINDS.map((kind) => ({ owner, asset, kind, id: accountId(kind, owner, asset) }))),
);

test("an account's number tells its owner, asset and kind", () => {
  for (const { owner, asset, kind, id } of all) {
    assert.ok(Number.isSafeInteger(id));
    assert.deepEqual([ownerOfAccount(id), assetOfAccount(id), kindOfAccount(id)], [owner, asset, kind]);
  }
  assert.equal(new Set(all.map(({ id }) => id)).size, all.length);
});

test("the accounts of an owner lie between their first and last, and nobody else's do", () => {
  for (const owner of OWNERS) {
    const [first, last] = accountsOf(owner);
    assert.deepEqual(
      all.filter(({ id }) => id >= first && id <= last),
      all.filter((one) => one.owner === owner),
    );
    assert.deepEqual([ownerOfAccount(first), ownerOfAccount(last)], [owner, owner]);
  }
});

test("only players have statements, and the operator's own accounts are not locked", () => {
  for (const { kind, id } of all) {
    assert.equal(isPlayers(id), kind === 'player');
    assert.equal(isLocked(id), ['player', 'escrow', 'jackpot'].includes(kind));
  }
});

test("PostgreSQL reads the same of an account's number", async () => {
  const url = await freshDatabase();
  const rows = await runSql(
    url,
    `select ${accountSql.kind('id')} as kind, ${accountSql.asset('id')} as asset, ` +
      `${accountSql.isRolledUp('id')} as rolled from unnest($1::int8[]) with ordinality as u(id, n) order by n`,
    [all.map(({ id }) => id)],
  );
  assert.deepEqual(
    rows.map(({ kind, asset, rolled }) => [Number(kind), Number(asset), rolled]),
    all.map(({ kind, asset, id }) => [accountKind[kind], asset, !isLocked(id)]),
  );
});
