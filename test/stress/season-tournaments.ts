import type { JsonObject } from '@bufbuild/protobuf';
import { micros, type CallerModel, type EngineModel, type JournalModel, type Sent } from './season-engine.ts';

type Rule = 'sum' | 'best' | 'latest';
const RULES: readonly Rule[] = ['sum', 'best', 'latest'];
const RATE = 10;
/** In WINZ; the ranks 1 to 3 get 50, 30 and 20 percent. */
const POOL = '1000.000001';
const SHARES = [50n, 30n, 20n];
const CLOSERS = 20;

/** The points of a score, by its request, in millionths. */
const scoredBy = ({ points, wagered }: JsonObject): bigint =>
  points === undefined ? micros(wagered) * BigInt(RATE) : micros(points);

function pointsAfter(rule: string, before: bigint | undefined, scored: bigint): bigint {
  if (before === undefined || rule === 'latest') return scored;
  if (rule === 'sum') return before + scored;
  return scored > before ? scored : before;
}

interface Entry {
  points: bigint;
  /** When it has reached these points, in the order of scores. */
  reached: number;
}

/** The entries of each tournament, by player. */
class Standings {
  readonly entries = new Map<string, Map<string, Entry>>(RULES.map((rule) => [rule, new Map<string, Entry>()]));
  #scores = 0;

  /** Takes a score. Returns the answer's text. */
  score({ user, request }: Sent): string {
    const rule = String(request['id']);
    const [entries, scored] = [this.entries.get(rule)!, scoredBy(request)];
    const entry = entries.get(user);
    const points = pointsAfter(rule, entry?.points, scored);
    this.#scores += 1;
    if (entry?.points !== points) entries.set(user, { points, reached: this.#scores });
    return `${scored} ${points}`;
  }

  /** Moves to the points that an answer tells. */
  move({ user, request, text }: Sent): void {
    if (text !== '')
      this.entries.get(String(request['id']))!.set(user, { points: BigInt(text.split(' ')[1]!), reached: 0 });
  }

  /** Players by their places. */
  ranking(rule: Rule): [user: string, entry: Entry][] {
    return [...this.entries.get(rule)!].sort(([, a], [, b]) =>
      a.points === b.points ? a.reached - b.reached : a.points < b.points ? 1 : -1,
    );
  }
}

interface Finished {
  readonly rule: Rule;
  readonly places: readonly { readonly user_id: string; readonly points: string }[];
  /** The answers of concurrent closes. */
  readonly closes: readonly any[];
}

/** Scores in three tournaments with different rules; in the end many callers close each of them at once. */
export const tournaments: EngineModel = {
  name: 'tournaments',
  rpcs: { one: 'TournamentService.SubmitScore', many: 'TournamentService.BatchScore', outcome: 'scored' },
  kinds: [1404],
  definitions: RULES.map((rule) => [
    'TournamentService.CreateTournament',
    { id: rule, prize_pool: { asset: 'WINZ', amount: POOL }, points_per_usd: String(RATE), score_rule: rule },
  ]),
  request(random) {
    const id = RULES[Math.floor(random() * RULES.length)]!;
    // Few different values, so that players tie.
    const value = 1 + Math.floor(random() * 40);
    return random() < 0.5 ? { id, points: String(value) } : { id, wagered: value / 8 };
  },
  answerOf: ({ score_id: id, deduped, scored, points }) => ({
    id: id as string,
    deduped: deduped as boolean,
    text: `${micros(scored)} ${micros(points)}`,
  }),
  contradiction: (request) => ({ id: request['id']!, points: '0.5' }),
  gain: () => 0n,
  caller(): CallerModel {
    const standings = new Standings();
    const unsure = new Set<string>();
    return {
      take(sent, _, sure) {
        if (sent.refused !== '') return `was refused ${sent.refused}`;
        const entry = `${sent.user} ${String(sent.request['id'])}`;
        const expected = standings.score(sent);
        standings.move(sent);
        // Calls that were sent again may have been done in another order: until the end of the step nothing is known.
        const known = sure && !unsure.delete(entry);
        if (!sure) unsure.add(entry);
        return known && sent.text !== expected ? `is ${sent.text}, the model says ${expected}` : undefined;
      },
    };
  },
  journal(): JournalModel {
    const standings = new Standings();
    return {
      take(sent, facts) {
        const expected = standings.score(sent);
        if (sent.text !== expected) return `is ${sent.text}, the model says ${expected}`;
        return facts === 1 ? undefined : `has ${facts} facts`;
      },
      end(finished) {
        const problems: string[] = [];
        const gains = new Map<string, bigint>();
        for (const { rule, places, closes } of finished as Finished[]) {
          const ranking = standings.ranking(rule);
          const expected = ranking.map(([user, { points }]) => `${user} ${points}`).join();
          if (places.map(({ user_id: user, points }) => `${user} ${micros(points)}`).join() !== expected)
            problems.push(`${rule}: the leaderboard is not the model's`);
          if (new Set(closes.map(({ close_id: id }) => id as string)).size !== 1)
            problems.push(`${rule}: closed twice`);
          if (closes.filter(({ deduped }) => deduped === false).length !== 1) problems.push(`${rule}: not closed once`);
          const won = ranking.slice(0, SHARES.length).map(([user], i) => [user, prizeOf(i)] as const);
          const paid = closes[0].prizes.map(({ user_id: user, amount }: any) => `${user} ${micros(amount)}`).join();
          const owed = won.map(([user, amount]) => `${user} ${amount}`).join();
          if (paid !== owed) problems.push(`${rule}: paid ${paid}, the model says ${owed}`);
          for (const [user, amount] of won) gains.set(user, (gains.get(user) ?? 0n) + amount);
        }
        return { problems, gains };
      },
    };
  },
  async finish(call): Promise<Finished[]> {
    const finished: Finished[] = [];
    for (const rule of RULES) {
      const places: Finished['places'][number][] = [];
      for (let page_token = ''; ;) {
        const page = await call('TournamentService.GetLeaderboard', { id: rule, limit: 500, page_token });
        places.push(...page.places);
        page_token = page.next_page_token;
        if (page_token === '') break;
      }
      const closing = Array.from({ length: CLOSERS }, (_, i) =>
        call('TournamentService.CloseTournament', { id: rule, idempotency_key: `close-${rule}-${i}` }, i % 2),
      );
      finished.push({ rule, places, closes: await Promise.all(closing) });
    }
    return finished;
  },
};

/** The prize of a place; what the shares leave is rank 1's. */
function prizeOf(i: number): bigint {
  const amounts = SHARES.map((share) => (micros(POOL) * share) / 100n);
  const rest = micros(POOL) - amounts.reduce((a, b) => a + b, 0n);
  return i === 0 ? amounts[0]! + rest : amounts[i]!;
}
