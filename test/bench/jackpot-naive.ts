/**
 * What contributions cost without batches: a transaction each, on the same tables and rows, sent in the write path's
 * two round trips. As many connections as there are callers queue on the jackpot's row.
 */
import { definition } from '../../src/catalogue/index.ts';
import { jackpotContributed } from '../../src/engines/jackpot/contributed.ts';
import { jackpot, pot } from '../../src/engines/jackpot/entities.ts';
import { connect, statement, type Connection } from '../../src/journal/connection.ts';
import { uuidv7 } from '../../src/kernel/index.ts';
import type { OpenDriver } from './driver.ts';

export interface NaiveOptions {
  readonly databaseUrl: string;
  readonly connections: number;
}

const OPERATOR = 1;
const AMOUNT = 500_000;

const begin = statement('begin', 'begin isolation level read committed');
const lockHead = statement(
  'n_head',
  `select * from ${jackpot.name} where operator_id = $1 and id = $2 for no key update`,
);
const lockPot = statement('n_pot', `select * from ${pot.name} where operator_id = $1 and id = $2 for no key update`);
const lookAt = statement('n_look', `select * from ${definition.name} where operator_id = $1 and id = $2`);
const lockAccount = statement(
  'n_account',
  'select * from account where operator_id = $1 and id = $2 for no key update',
);
const findKey = statement('n_key', 'select operation_id from journal_key where operator_id = $1 and key = $2');
const addHead = statement(
  'u_head',
  `update ${jackpot.name} set sequence = sequence + 1, contributions = contributions + 1, ` +
    'contributed = contributed + $3 where operator_id = $1 and id = $2',
);
const addPot = statement(
  'u_pot',
  `update ${pot.name} set value = value + $3, contributed = contributed + $3 ` + 'where operator_id = $1 and id = $2',
);
const addAccount = statement(
  'u_account',
  'update account set balance = balance + $3 where operator_id = $1 and id = $2',
);
const insertJournal = statement(
  'i_journal',
  'insert into journal select j.operator_id, $2, j.part, j.kind, j.version, ' +
    'j.aggregate_id, j.aggregate_sequence, pg_current_xact_id(), now(), j.caller, j.request_hash, ' +
    'j.transfers, j.fact ' +
    'from journal j where j.operator_id = $1 and j.operation_id = $3',
);
const insertKey = statement('i_key', 'insert into journal_key (operator_id, key, operation_id) values ($1, $2, $3)');
const commit = statement('commit', 'commit');
const sample = statement(
  'n_sample',
  'select j.operation_id, h.id, h.definition_id, p.id, j.transfers[2] ' +
    `from journal j join ${jackpot.name} h on h.operator_id = j.operator_id and h.id = j.aggregate_id ` +
    `join ${pot.name} p on p.operator_id = h.operator_id and p.jackpot_id = h.id where j.operator_id = $1 ` +
    `and j.kind = ${jackpotContributed.number} limit 1`,
);

export const open: OpenDriver<NaiveOptions> = async ({ databaseUrl, connections }) => {
  const own = await Promise.all(Array.from({ length: connections }, () => connect(databaseUrl)));
  const [like, head, definitionId, potId, money] = (await own[0]!.run(sample, [OPERATOR])).rows[0]!;
  const contribute = async (connection: Connection): Promise<number> => {
    const key = uuidv7(Date.now(), 0);
    const id = uuidv7(Date.now(), 0);
    await Promise.all([
      connection.run(begin),
      connection.run(lockHead, [OPERATOR, head]),
      connection.run(lockPot, [OPERATOR, potId]),
      connection.run(lockAccount, [OPERATOR, money]),
      connection.run(lookAt, [OPERATOR, definitionId]),
      connection.run(findKey, [OPERATOR, key]),
    ]);
    const answers = await Promise.all([
      connection.run(addHead, [OPERATOR, head, AMOUNT]),
      connection.run(addPot, [OPERATOR, potId, AMOUNT]),
      connection.run(addAccount, [OPERATOR, money, AMOUNT]),
      connection.run(insertJournal, [OPERATOR, id, like]),
      connection.run(insertKey, [OPERATOR, key, id]),
      connection.run(commit),
    ]);
    if (answers.at(-1)!.tag !== 'COMMIT') throw new Error('the contribution was not committed');
    return 1;
  };
  return {
    call: (caller) => contribute(own[caller]!),
    close: async () => void (await Promise.all(own.map((one) => one.end()))),
  };
};
