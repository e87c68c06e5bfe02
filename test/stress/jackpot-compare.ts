import { accountId, assetOfAccount, isPlayers, kindOfAccount, ownerOfAccount } from '../../src/journal/index.ts';
import type { AnsweredCalls } from './jackpot-answered.ts';
import type { Known, Query } from './jackpot-known.ts';
import type { Replay } from './jackpot-replay.ts';

const POTS =
  'select code, value, reserve, surplus, contributed, overflow, paid, hits, cycle, last_player, sum from jackpot_pot ' +
  'where operator_id = 1 and jackpot_id = $1';
const KEYS =
  'select count(*) from journal_key k join journal j on j.operator_id = k.operator_id ' +
  'and j.operation_id = k.operation_id and j.part = 0 ' +
  "where k.operator_id = 1 and j.kind in (1102, 1103, 1107, 1111) and j.caller <> 'task'";
const OPERATIONS =
  'select count(*) from journal where operator_id = 1 and part = 0 ' +
  "and kind in (1102, 1103, 1107, 1111) and caller <> 'task'";

/** The rows of a jackpot are as the model has them. */
export async function compareJackpot(
  query: Query,
  id: number,
  { model, chain }: Replay,
  { note, numbers, asset }: Known,
): Promise<void> {
  const same = (what: string, is: unknown, should: unknown): void => {
    const [stored, expected] = [String(is), String(should)];
    if (stored !== expected) note(`${model.terms.id} ${what}: stored is ${stored}, the model says ${expected}`);
  };
  const [head] = await query(
    'select house, contributions, contributed, chain from jackpot where operator_id = 1 and id = $1',
    id,
  );
  const { house, contributions, contributed } = model;
  same('house, contributions, contributed, chain', head, [house, contributions, contributed, chain.toString('hex')]);
  const stored = new Map((await query(POTS, id)).map(([code, ...values]) => [code!, values]));
  same('pots', stored.size, model.pots.length);
  for (const {
    code,
    value,
    reserve,
    surplus,
    contributed,
    overflow,
    paid,
    hits,
    cycle,
    lastPlayer,
    sum,
  } of model.pots) {
    const last = lastPlayer === '' ? 0 : numbers.get(lastPlayer);
    same(`pot ${code}`, stored.get(code), [
      value,
      reserve,
      surplus,
      contributed,
      overflow,
      paid,
      hits,
      cycle,
      last,
      sum,
    ]);
  }
  const number = accountId('jackpot', id, asset);
  const [[balance] = []] = await query('select balance from account where operator_id = 1 and id = $1', number);
  same('account', balance ?? 0, model.balance);
}

/** Every acknowledged operation was found once, in the jackpot that it was sent to. Returns how many were. */
export function compareOperations(answered: AnsweredCalls, { done, note }: Known, replays: readonly Replay[]): number {
  const places = new Map(replays.map((replay) => [replay.model.terms.id, replay.found]));
  let found = 0;
  for (const { id, wish } of done.values()) {
    if (places.get(wish.jackpot)?.has(id) === true) found += 1;
    else note(`${id}, ${JSON.stringify(wish)}, was acknowledged and is lost`);
  }
  for (const { model, ends } of replays) {
    const { id } = model.terms;
    const archives = answered.sent.filter(
      ({ wish, refused }) => wish.kind === 'archive' && wish.jackpot === id && !refused,
    );
    if (ends.archives !== archives.length) note(`${id} was archived ${ends.archives} times, not ${archives.length}`);
  }
  const all = replays.reduce((sum, replay) => sum + replay.found.size, 0);
  if (all !== found)
    note(`${all} operations stand in the journal, ${found} of ${answered.sent.length} wishes were done`);
  return found;
}

/** No operation and no key beyond those of the acknowledged calls: what was refused has left nothing. */
export async function compareCounts(query: Query, { done, note }: Known): Promise<void> {
  const keys = [...done.values()].reduce(
    (sum, { wish }) => sum + (wish.key === '' ? 0 : 1) + (wish.kind === 'contribute' && wish.wager !== '' ? 1 : 0),
    0,
  );
  const [[operations] = []] = await query(OPERATIONS);
  const [[stored] = []] = await query(KEYS);
  if (Number(operations) !== done.size) note(`there are ${operations} operations, and ${done.size} were acknowledged`);
  if (Number(stored) !== keys) note(`there are ${stored} keys, and ${keys} were acknowledged`);
}

/** Players have what the model says, and in escrow is nothing but what is not paid yet. */
export async function compareBalances(
  query: Query,
  { balances, names, asset, note }: Known,
  replays: readonly Replay[],
): Promise<void> {
  const left = new Map(balances);
  let escrow = 0n;
  for (const [text, balance] of await query('select id, balance from account where operator_id = 1')) {
    const id = Number(text);
    if (kindOfAccount(id) === 'escrow') escrow += BigInt(balance!);
    if (!isPlayers(id) || assetOfAccount(id) !== asset) continue;
    const name = names.get(ownerOfAccount(id)) ?? '';
    const should = left.get(name) ?? 0n;
    left.delete(name);
    if (BigInt(balance!) !== should) note(`${name} has ${balance}, the model says ${should}`);
  }
  for (const [name, should] of left) if (should !== 0n) note(`${name} has no account, the model says ${should}`);
  const unpaid = replays.flatMap(({ ends }) => ends.unpaid);
  if (unpaid.length > 0) note(`${unpaid.length} ends are drawn and not paid`);
  const owed = unpaid.reduce((a, b) => a + b, 0n);
  if (escrow !== owed) note(`${escrow} is in escrow, the model says ${owed}`);
}
