import { verifyRecord } from '../../src/fairness/verifier/records/verify.ts';
import {
  micros,
  type CallerModel,
  type EngineModel,
  type FinishingCall,
  type JournalModel,
  type Sent,
} from './season-engine.ts';

const COST = '0.5';
/** The most tickets of one player in a raffle. */
const CAP = 60;
const PRIZE = 5000;
/** The one that is drawn in the end, and the one that is cancelled. */
const [DRAWN, CANCELLED] = ['season-drawn', 'season-cancelled'];
const ENDERS = 20;

const ticketsOf = ({ request }: Sent): number => Number(request['tickets']);
const costOf = (tickets: number): bigint => micros(COST) * BigInt(tickets);
const holding = ({ user, request }: Sent): string => `${String(request['id'])} ${user}`;

interface Ended {
  readonly draws: readonly any[];
  readonly cancels: readonly any[];
  /** What a proof of the draw fails on. */
  readonly failures: readonly string[];
}

/** Tickets of two raffles with a cap; in the end many callers draw the one and cancel the other at once. */
export const raffles: EngineModel = {
  name: 'raffles',
  rpcs: { one: 'RaffleService.EnterRaffle', many: 'RaffleService.BatchEnter', outcome: 'entered' },
  kinds: [702],
  definitions: [DRAWN, CANCELLED].map((id) => [
    'RaffleService.CreateRaffle',
    { id, ticket_cost: COST, prize_winz: PRIZE, max_tickets_per_player: CAP },
  ]),
  request: (random) => ({
    id: random() < 0.5 ? DRAWN : CANCELLED,
    tickets: 1 + Math.floor(random() ** 3 * 12),
  }),
  answerOf: ({ entry_id: id, deduped, first_ticket: first, last_ticket: last, total_tickets: total }) => ({
    id: id as string,
    deduped: deduped as boolean,
    text: `${String(first)} ${String(last)} ${String(total)}`,
  }),
  contradiction: (request) => ({ ...request, tickets: Number(request['tickets']) + 1 }),
  gain: (sent) => -costOf(ticketsOf(sent)),
  caller(): CallerModel {
    const held = new Map<string, number>();
    return {
      take(sent, balance, sure) {
        const [before, tickets] = [held.get(holding(sent)) ?? 0, ticketsOf(sent)];
        if (sent.refused === '') held.set(holding(sent), before + tickets);
        const expected =
          before + tickets > CAP ? 'TICKET_LIMIT_REACHED' : balance < costOf(tickets) ? 'INSUFFICIENT_BALANCE' : '';
        if (!['', 'TICKET_LIMIT_REACHED', 'INSUFFICIENT_BALANCE'].includes(sent.refused))
          return `was refused ${sent.refused}`;
        return sure && sent.refused !== expected ? `was "${sent.refused}", the model says "${expected}"` : undefined;
      },
    };
  },
  journal(): JournalModel {
    /** The tickets of each raffle: how many, and the last one of each entry with its player. */
    const pools = new Map([DRAWN, CANCELLED].map((id) => [id, { total: 0, entries: [] as [number, string][] }]));
    return {
      take(sent, facts) {
        const pool = pools.get(String(sent.request['id']))!;
        const first = pool.total;
        pool.total += ticketsOf(sent);
        pool.entries.push([pool.total - 1, sent.user]);
        const expected = `${first} ${pool.total - 1} ${pool.total}`;
        if (sent.text !== expected) return `has the tickets ${sent.text}, the model says ${expected}`;
        return facts === 1 ? undefined : `has ${facts} facts`;
      },
      end(finished) {
        const { draws, cancels, failures } = finished as Ended;
        const problems = failures.map((failure) => `the proof: ${failure}`);
        const gains = new Map<string, bigint>();
        const gain = (user: string, amount: bigint): void => void gains.set(user, (gains.get(user) ?? 0n) + amount);
        for (const [name, answers, key] of [
          ['drawn', draws, 'draw_id'],
          ['cancelled', cancels, 'cancel_id'],
        ] as const) {
          if (new Set(answers.map((answer) => answer[key] as string)).size !== 1) problems.push(`${name} twice`);
        }
        const { winner_username: winner, winning_ticket_idx: ticket, total_tickets: total } = draws[0];
        const drawn = pools.get(DRAWN)!;
        const owner = drawn.entries.find(([last]) => last >= ticket)?.[1];
        if (total !== drawn.total) problems.push(`${total} tickets, the model has ${drawn.total}`);
        if (winner !== owner) problems.push(`${winner} won with ticket ${ticket} of ${owner}`);
        gain(winner, micros(PRIZE));
        let before = -1;
        for (const [last, user] of pools.get(CANCELLED)!.entries) {
          gain(user, costOf(last - before));
          before = last;
        }
        return { problems, gains };
      },
    };
  },
  async finish(call: FinishingCall): Promise<Ended> {
    const at = (rpc: string, id: string) =>
      Promise.all(
        Array.from({ length: ENDERS }, (_, i) => call(rpc, { id, idempotency_key: `${rpc} ${id} ${i}` }, i % 2)),
      );
    const [draws, cancels] = [
      await at('RaffleService.DrawRaffle', DRAWN),
      await at('RaffleService.CancelRaffle', CANCELLED),
    ];
    for (let tries = 0; tries < 600; tries++) {
      const { finished } = await call('RaffleService.CancelRaffle', { id: CANCELLED });
      if (finished === true) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const { record_proofs: proofs } = await call('FairnessService.GetProof', { draw_id: draws[0].draw_id });
    // A proof has the entries of a small pool only.
    const entries = await entriesOf(DRAWN, call);
    return { draws, cancels, failures: verifyRecord({ ...proofs[0], entries }) };
  },
};

/** All entries of a raffle, as its proof states them. */
async function entriesOf(id: string, call: FinishingCall): Promise<object[]> {
  const entries: object[] = [];
  for (let page_token = ''; ;) {
    const page = await call('RaffleService.ListEntries', { id, page_size: 500, page_token });
    for (const { first_ticket, count, player_hash } of page.entries) entries.push({ first_ticket, count, player_hash });
    page_token = page.next_page_token;
    if (page_token === '') return entries;
  }
}
