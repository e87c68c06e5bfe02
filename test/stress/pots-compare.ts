import { DefinitionChanged, DefinitionNoted } from '../../gen/ts/windfall/facts/v1/facts.ts';
import { accountId } from '../../src/journal/index.ts';
import { optInName, type Choice, type Contribution, type Sent, type Wish } from './pots-answered.ts';
import type { Query } from './pots-audit.ts';
import { CURRENCIES, termsOf } from './pots-instances.ts';
import type { InstanceReplay } from './pots-replay.ts';
import type { Seen } from './pots-seen.ts';
import type { Places } from './pots-server.ts';

/** What each player has at the start, in each currency. */
export const PURSE = 1_000_000_000_000n;
const POTS =
  'select code, value, reserve, surplus, contributed, overflow, paid, hits from jackpot_pot ' +
  'where operator_id = 1 and jackpot_id = $1 order by code';
const HEAD = 'select house, contributions, contributed from jackpot where operator_id = 1 and id = $1';
const CHOICES =
  'select jackpot_id, player_id, opted_in, preferred, contributions, contributed from jackpot_opt_in ' +
  'where operator_id = 1';
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
      if (wish.kind === 'contribution') requireCause(seen, wish, refused);
      continue;
    }
    acknowledged += 1;
    const problem = problemOf(seen, sent, operation);
    if (problem === undefined) found += 1;
    else seen.note(`${wish.tag} of ${wish.kind === 'contribution' ? wish.player : wish.instance}: ${problem}`);
  }
  return { acknowledged, found };
}

/** A contribution is refused only by an instance that is paused, or because its player has not opted in. */
function requireCause(seen: Seen, { tag, target, choices }: Contribution, cause: string): void {
  const missing = termsOf('opted').id === target && choices[target]?.isIn !== true;
  if (cause === 'PlayerNotOptedIn' ? !missing : cause !== 'JackpotNotActive') seen.note(`${tag} was refused ${cause}`);
}

function problemOf(seen: Seen, { wish, id, text }: Sent, operation: string | undefined): string | undefined {
  const results = operation === undefined ? [] : (seen.results.get(operation) ?? []);
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
function calledWrong(
  seen: Seen,
  { tag, way, target, choices }: Contribution,
  results: readonly string[],
): string | undefined {
  const called = seen.called.get(tag) ?? [];
  const expected = way === 'called' ? results : results.filter((text) => text.split(' ').length === 4);
  if (results.length === 0) {
    if (way === 'wins' && called.length === 0) return undefined;
    const [cause, ...more] = called;
    if (cause === undefined || more.length > 0) return `is called back as ${called.join('; ')}, and is lost`;
    const missing = target === 'opted' && choices[target]?.isIn !== true;
    return cause === 'JackpotNotActive' || (cause === 'PlayerNotOptedIn' && missing)
      ? undefined
      : `was refused ${cause}`;
  }
  const [is, should] = [called, expected].map((texts) => texts.toSorted().join('; '));
  return is === should ? undefined : `is called back as ${is}, the model says ${should}`;
}

/** Players' choices are what their callers set, and count what the model counts. */
export async function compareChoices(query: Query, seen: Seen, ids: ReadonlyMap<string, number>): Promise<void> {
  const names = new Map([...ids].map(([name, id]) => [id, name]));
  const left = new Map<string, string>();
  const text = (choice: Choice, name: string): string => {
    const { contributions, contributed } = seen.counts.get(name) ?? { contributions: 0, contributed: 0n };
    return [Number(choice.isIn), choice.preferred, contributions, contributed].join();
  };
  for (const [player, choices] of seen.answered.chosen)
    for (const [instance, choice] of Object.entries(choices)) {
      const name = optInName(instance, player);
      left.set(name, text(choice, name));
    }
  for (const [jackpot, player, ...stored] of await query(CHOICES)) {
    const name = optInName(names.get(Number(jackpot))!, seen.names.get(Number(player))!);
    if (left.get(name) !== stored.join())
      seen.note(`opt-in ${name} is ${stored.join()}, the model says ${left.get(name)}`);
    left.delete(name);
  }
  for (const [name, should] of left) seen.note(`opt-in ${name} is lost, the model says ${should}`);
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
    const should = text === '' ? [] : concerned(wish);
    const is = notes.get(wish.tag) ?? [];
    if (is.toSorted().join() !== should.toSorted().join())
      seen.note(`${wish.tag} is in the changelogs of ${is.join() || 'none'}, not ${should.join() || 'none'}`);
  }
}

const concerned = (wish: Exclude<Wish, Contribution>): string[] =>
  wish.kind === 'transfer' ? [wish.instance, wish.to] : [wish.instance];
