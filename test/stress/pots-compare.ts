import { DefinitionChanged, DefinitionNoted } from '../../gen/ts/windfall/facts/v1/facts.ts';
import { accountId } from '../../src/journal/index.ts';
import type { Contribution, Deed, Sent } from './pots-answered.ts';
import type { Query } from './pots-audit.ts';
import { CURRENCIES, termsOf } from './pots-instances.ts';
import type { InstanceReplay } from './pots-replay.ts';
import { optInName } from './pots-choices.ts';
import type { Seen } from './pots-seen.ts';
import { isWin, type Places } from './pots-server.ts';

/** What each player has at the start, in each currency. */
export const PURSE = 1_000_000_000_000n;
const POTS =
  'select code, value, reserve, surplus, contributed, overflow, paid, hits from jackpot_pot ' +
  'where operator_id = 1 and jackpot_id = $1 order by code';
const HEAD = 'select house, contributions, contributed from jackpot where operator_id = 1 and id = $1';
const CHOICES =
  'select jackpot_id, player_id, opted_in, preferred, (extract(epoch from changed_at) * 1000000)::int8, ' +
  'contributions, contributed from jackpot_opt_in where operator_id = 1';
const CARRIED = 'select id, carried from pots_opt_in_transfer where operator_id = 1';
const CHANGES =
  "select d.code, j.kind, encode(j.fact, 'hex') from journal j join definition d on d.operator_id = 1 " +
  'and d.id = j.aggregate_id where j.operator_id = 1 and j.kind in (501, 502) order by j.aggregate_sequence';

/** The rows of an instance are as the model has them. */
export async function compareInstance(
  query: Query,
  id: number,
  { terms, model }: InstanceReplay,
  note: (problem: string) => void,
): Promise<void> {
  const same = (what: string, is: unknown, should: unknown): void => {
    const [stored, expected] = [String(is), String(should)];
    if (stored !== expected) note(`${terms.id} ${what}: stored is ${stored}, the model says ${expected}`);
  };
  const { house, contributions, contributed } = model;
  same('house, contributions, contributed', (await query(HEAD, id))[0], [house, contributions, contributed]);
  const rows = await query(POTS, id);
  same('pots', rows.length, model.pots.length);
  for (const [code, ...stored] of rows) {
    const pot = model.pot(code!);
    const { value, reserve, surplus, overflow, paid, hits } = pot;
    same(`pot ${code}`, stored, [value, reserve, surplus, pot.contributed, overflow, paid, hits]);
  }
}

/** Everything that was acknowledged stands in the journal once, as it was answered; what was refused does not. */
export function compareAnswers(seen: Seen): { readonly acknowledged: number; readonly found: number } {
  let [acknowledged, found] = [0, 0];
  for (const sent of seen.answered.sent.values()) {
    const { wish, text, refused } = sent;
    const operation = seen.operations.get(wish.tag);
    if (text === '') {
      if (refused === '') seen.answered.note(wish, 'was never answered');
      if (operation !== undefined) seen.note(`${wish.tag} was refused ${refused}, and stands in the journal`);
      requireCause(seen, sent);
      continue;
    }
    acknowledged += 1;
    const problem = problemOf(seen, sent, operation);
    if (problem === undefined) found += 1;
    else seen.note(`${wish.tag} of ${wish.kind === 'contribution' ? wish.player : wish.instance}: ${problem}`);
  }
  return { acknowledged, found };
}

/** What was refused had a cause at some time between its first call and its answer. */
function requireCause(seen: Seen, { wish, refused, sentAt, answeredAt }: Sent): void {
  if (wish.kind === 'settle') {
    // The other verb was faster; if nothing has settled it, nothing may refuse.
    const settled = seen.withheld.get(wish.round)?.settled ?? '';
    if (settled === '' || settled.startsWith(wish.verb)) seen.note(`${wish.tag} was refused, and the win ${settled}`);
  }
  if (wish.kind === 'contribution' && !hadCause(seen, wish, refused, [sentAt, answeredAt]))
    seen.note(`${wish.tag} was refused ${refused}`);
}

/** Whether a contribution could be refused with a cause at any time between two. */
function hadCause(seen: Seen, { target, player }: Contribution, cause: string, [from, to]: [number, number]): boolean {
  const { optIn, windows } = target === 'casino' ? { optIn: false, windows: false } : termsOf(target);
  if (cause === 'OutsideSchedule') return windows === true && seen.windows.wasClosed(from, to);
  if (cause === 'PlayerNotOptedIn') return optIn && seen.choices.wasOut(optInName(target, player), from, to);
  return cause === 'JackpotNotActive';
}

function problemOf(seen: Seen, { wish, id, text }: Sent, operation: string | undefined): string | undefined {
  const results = operation === undefined ? [] : (seen.results.get(operation) ?? []);
  if (wish.kind === 'settle') {
    const settled = seen.withheld.get(wish.round)?.settled;
    return settled === text ? undefined : `was answered ${text}, the model says ${settled}`;
  }
  if (wish.kind === 'transfer' && wish.optIns !== seen.carriers.has(wish.tag)) return 'carries no opt-ins';
  if (wish.kind !== 'contribution') {
    if (operation === undefined) return `was answered ${text}, and is lost`;
    return results.join('; ') === text ? undefined : `was answered ${text}, the model says ${results.join('; ')}`;
  }
  if (operation !== undefined) {
    const problem = linksMissing(seen, wish, results, operation);
    if (problem !== undefined) return problem;
  }
  if (text === 'called back') return calledWrong(seen, wish, results);
  if (operation === undefined) return `was answered ${text}, and is lost`;
  if (operation !== id) return `was answered as ${id}, and is ${operation}`;
  return results.join('; ') === text ? undefined : `was answered ${text}, the model says ${results.join('; ')}`;
}

/** A contribution has a result of its target, and of each instance that this is linked to. */
function linksMissing(
  seen: Seen,
  wish: Contribution,
  results: readonly string[],
  operation: string,
): string | undefined {
  const linked = wish.linked && wish.way !== 'first' && wish.way !== 'provider';
  const target = results[0]?.split(' ')[0] ?? '';
  const allowed = wish.target === 'casino' ? ['main', 'spare'] : [wish.target];
  if (!allowed.includes(target)) return `went to ${target}`;
  const count = linked ? 1 + termsOf(target).links.length : 1;
  const there = Array.from(results, (one) => one !== undefined).filter(Boolean).length;
  return there === count && results.length === count ? undefined : `${operation} has ${there} results of ${count}`;
}

/** What is called back: every result, or every win, or why the target has rejected it. */
function calledWrong(seen: Seen, wish: Contribution, results: readonly string[]): string | undefined {
  const { tag, way } = wish;
  const called = seen.called.get(tag) ?? [];
  const expected = way === 'called' ? results : results.filter(isWin);
  if (results.length === 0) {
    if (way === 'wins' && called.length === 0) return undefined;
    const [cause, ...more] = called;
    if (cause === undefined || more.length > 0) return `is called back as ${called.join('; ')}, and is lost`;
    const { time } = seen.calledAt.get(tag)!;
    return hadCause(seen, wish, cause, [time, time]) ? undefined : `was refused ${cause}`;
  }
  const [is, should] = [called, expected].map((texts) => texts.toSorted().join('; '));
  return is === should ? undefined : `is called back as ${is}, the model says ${should}`;
}

/** Players' choices are what the model has, and count what it counts; and so many were carried. */
export async function compareChoices(query: Query, seen: Seen, ids: ReadonlyMap<string, number>): Promise<void> {
  const carried = seen.choices.end();
  const instances = new Map([...ids].map(([name, id]) => [id, name]));
  const left = new Set(seen.choices.names);
  for (const [jackpot, player, ...stored] of await query(CHOICES)) {
    const name = optInName(instances.get(Number(jackpot))!, seen.names.get(Number(player))!);
    const state = seen.choices.now(name);
    const counts = seen.counts.get(name) ?? { contributions: 0, contributed: 0n };
    const should = [Number(state?.isIn), state?.preferred, state?.changedAt, counts.contributions, counts.contributed];
    if (should.join() !== stored.join()) seen.note(`opt-in ${name} is ${stored}, the model says ${should}`);
    left.delete(name);
  }
  for (const name of left) seen.note(`opt-in ${name} is lost`);
  for (const [id, count] of await query(CARRIED))
    if (carried.get(Number(id)) !== Number(count))
      seen.note(`${id} says that it carried ${count}, the model says ${carried.get(Number(id))}`);
}

/** Players have what the model says. */
export async function compareBalances(query: Query, seen: Seen): Promise<void> {
  const assets = new Map(
    (await query('select code, asset_no from asset where operator_id = 1')).map(([code, no]) => [code!, Number(no)]),
  );
  const balances = new Map(
    await query('select id, balance from account where operator_id = 1').then((rows) => rows as [string, string][]),
  );
  for (const [id, name] of seen.names) {
    if (!name.startsWith('pots-')) continue;
    for (const currency of CURRENCIES) {
      const should = PURSE + (seen.gains.get(`${name} ${currency}`) ?? 0n);
      const balance = balances.get(String(accountId('player', id, assets.get(currency)!)));
      if (balance !== String(should)) seen.note(`${name} has ${balance} ${currency}, the model says ${should}`);
    }
  }
}

const STATUS: Readonly<Record<number, string>> = { 5: 'Active', 6: 'Paused', 7: 'Terminated' };

/** The changelogs tell each status that an instance got, in order, and each deed once for each instance it concerns. */
export async function compareNotes(query: Query, seen: Seen, { names }: Places): Promise<void> {
  const statuses = new Map<string, string[]>();
  const notes = new Map<string, string[]>();
  for (const [code, kind, hex] of await query(CHANGES)) {
    const name = names.get(code!.replace('jackpot/', ''));
    if (name === undefined) continue;
    const bytes = Buffer.from(hex!, 'hex');
    if (kind === '502') {
      const tag = DefinitionNoted.decode(bytes).reason.replace('triggered by ', '');
      notes.set(tag, [...(notes.get(tag) ?? []), name]);
    } else {
      const word = STATUS[DefinitionChanged.decode(bytes).change];
      if (word !== undefined) statuses.set(name, [...(statuses.get(name) ?? []), word]);
    }
  }
  for (const [name, wanted] of seen.answered.statuses)
    if (wanted.join() !== statuses.get(name)?.join())
      seen.note(`${name} was ${statuses.get(name)?.length} statuses, its warden set ${wanted.length}`);
  for (const { wish, text } of seen.answered.sent.values()) {
    if (wish.kind === 'contribution') continue;
    const should = text === '' ? [] : concerned(wish, seen);
    const is = notes.get(wish.tag) ?? [];
    if (is.toSorted().join() !== should.toSorted().join())
      seen.note(`${wish.tag} is in the changelogs of ${is.join() || 'none'}, not ${should.join() || 'none'}`);
  }
}

/** A transfer of opt-ins is told when it begins and when it ends; a settlement only for the call that has made it. */
function concerned(wish: Deed, { settlers }: Seen): string[] {
  if (wish.kind === 'settle') return settlers.has(wish.tag) ? [wish.instance] : [];
  if (wish.kind !== 'transfer') return [wish.instance];
  const both = [wish.instance, wish.to];
  return wish.optIns ? [...both, ...both] : both;
}
