import assert from 'node:assert/strict';
import { ClientSeedSet, PlayerCreated, Transferred } from '../../gen/ts/windfall/facts/v1/facts.ts';
import { TablePlayed } from '../../gen/ts/windfall/facts/v1/prizes.ts';
import { runSql } from '../support/sql.ts';

/** A row of the journal, as text where the model does not look inside. */
interface Entry {
  readonly operation_id: string;
  readonly kind: number;
  readonly aggregate_id: string;
  readonly aggregate_sequence: string;
  readonly tx: string;
  readonly time: string;
  readonly request_hash: Buffer;
  readonly transfers: string[];
  readonly fact: Buffer;
}

interface Stream {
  name: string;
  keyId: string;
  clientSeed: string;
  position: number;
  /** The transaction that moved it last, how often, and when the one before did. */
  tx: string;
  moves: number;
  since: number;
  movedAt: number;
}

/** Kinds of facts, by their numbers. */
const PLAYERS = 101;
const SEED_SET = 201;
const TRANSFERRED = 301;
const OPENED = 1001;
/** What a transaction may draw: the current seed and 16 whose hashes were readable before it. */
const DRAWS_MAX = 17;

const isPlayers = (account: number): boolean => account % 32 === 0;

/**
 * One service that does one thing after another, written from the rules alone: what the journal says happened, in the
 * order of its clock. Throws where that could not have been.
 */
export class Books {
  readonly balances = new Map<number, bigint>();
  /** Of each player's account: operation, amount, balance. */
  readonly lines = new Map<number, string[]>();
  readonly sequences = new Map<string, number>();
  readonly streams = new Map<number, Stream>();
  readonly players = new Map<number, string>();
  readonly entries = new Map<string, Entry>();

  take(entry: Entry): void {
    const { operation_id: id, kind } = entry;
    assert.ok(!this.entries.has(id), `${id} stands in the journal twice`);
    this.entries.set(id, entry);
    const table =
      kind === PLAYERS
        ? 'player'
        : kind === TRANSFERRED
          ? 'account'
          : kind === SEED_SET || kind === OPENED
            ? 'seed_stream'
            : 'definition';
    const aggregate = `${table}/${entry.aggregate_id}`;
    const sequence = (this.sequences.get(aggregate) ?? 0) + 1;
    assert.equal(Number(entry.aggregate_sequence), sequence, `${id} is not the next of ${aggregate}`);
    this.sequences.set(aggregate, sequence);
    if (kind === PLAYERS) this.#create(entry);
    if (kind === SEED_SET)
      this.streams.get(Number(entry.aggregate_id))!.clientSeed = ClientSeedSet.decode(entry.fact).clientSeed;
    if (kind === OPENED) this.#open(entry);
    this.#move(entry);
    if (kind === TRANSFERRED) this.#remembered(entry);
  }

  #create({ aggregate_id, fact, time }: Entry): void {
    const { brandId, userId, streamName, keyId } = PlayerCreated.decode(fact);
    const code = `${brandId}/${userId}`;
    assert.ok(![...this.players.values()].includes(code), `${code} is made twice`);
    this.players.set(Number(aggregate_id), code);
    this.streams.set(Number(aggregate_id) * 64, {
      name: streamName,
      keyId,
      clientSeed: '',
      position: 0,
      tx: '',
      moves: 0,
      since: 0,
      movedAt: Number(time),
    });
  }

  #open({ operation_id: id, aggregate_id, tx, time, fact, transfers }: Entry): void {
    const stream = this.streams.get(Number(aggregate_id))!;
    const { draw, price, plays } = TablePlayed.decode(fact);
    if (stream.tx !== tx) Object.assign(stream, { tx, moves: 0, since: stream.movedAt, movedAt: Number(time) });
    stream.moves += 1;
    assert.ok(stream.moves <= DRAWS_MAX, `${id} uses a seed whose hash nobody could read`);
    assert.equal(Number(draw!.position), stream.position, `${id} is not at its stream's position`);
    assert.equal(Number(draw!.readableSince), stream.since);
    assert.ok(stream.since < Number(time), `${id} was drawn before its hash could be read`);
    assert.equal(draw!.ownSeed, stream.clientSeed);
    assert.ok(['', 'mine'].includes(draw!.requestSeed));
    stream.position += 1;
    const won = plays.flatMap(({ rewards }) => rewards).reduce((sum, { amount }) => sum + amount, 0n);
    const moved = transfers.filter((_, i) => i % 3 === 2).reduce((sum, amount) => sum + BigInt(amount), 0n);
    assert.equal(moved, won + price, `${id} moves something else than its price and rewards`);
  }

  #move({ operation_id: id, transfers }: Entry): void {
    for (let i = 0; i < transfers.length; i += 3) {
      const amount = BigInt(transfers[i + 2]!);
      assert.ok(amount > 0n);
      this.#side(id, Number(transfers[i]), -amount);
      this.#side(id, Number(transfers[i + 1]), amount);
    }
  }

  #side(id: string, account: number, amount: bigint): void {
    const balance = (this.balances.get(account) ?? 0n) + amount;
    this.balances.set(account, balance);
    if (!isPlayers(account)) return;
    assert.ok(balance >= 0n, `${id} takes account ${account} below zero`);
    const lines = this.lines.get(account) ?? [];
    lines.push(`${id} ${amount} ${balance}`);
    this.lines.set(account, lines);
  }

  /** What a transfer says of balances is what they were. */
  #remembered({ transfers, fact }: Entry): void {
    const { fromBalance, toBalance } = Transferred.decode(fact);
    [fromBalance, toBalance].forEach((said, side) => {
      const account = Number(transfers[side]);
      assert.equal(said, isPlayers(account) ? this.balances.get(account) : undefined);
    });
  }
}

/** The model of an operator's journal. */
export async function readBooks(url: string): Promise<Books> {
  const entries = (await runSql(
    url,
    'select operation_id, kind, aggregate_id, aggregate_sequence, tx::text, ' +
      'round(extract(epoch from time) * 1000000)::text as time, request_hash, transfers, fact ' +
      'from journal where operator_id = 1 order by time, tx, operation_id',
  )) as Entry[];
  const books = new Books();
  for (const entry of entries) books.take(entry);
  return books;
}

/** Compares everything that is stored with the model. */
export async function compareState(url: string, books: Books): Promise<void> {
  const accounts = await runSql(url, 'select * from account where operator_id = 1 and id % 32 = 0');
  for (const { id, balance, lines, sequence } of accounts) {
    const number = Number(id);
    const expected = [
      books.balances.get(number) ?? 0n,
      books.lines.get(number)?.length ?? 0,
      books.sequences.get(`account/${id}`) ?? 0,
    ];
    assert.deepEqual([BigInt(balance), Number(lines), Number(sequence)], expected, `account ${id}`);
  }
  for (const id of books.lines.keys())
    assert.ok(
      accounts.some((row) => Number(row.id) === id),
      `account ${id} is not stored`,
    );
  const lines = new Map<number, string[]>();
  for (const row of await runSql(
    url,
    'select * from statement_line where operator_id = 1 order by account_id, sequence',
  )) {
    const account = Number(row.account_id);
    if (!lines.has(account)) lines.set(account, []);
    lines.get(account)!.push(`${row.operation_id} ${row.amount} ${row.balance}`);
    assert.equal(Number(row.sequence), lines.get(account)!.length, `account ${account} has a gap in its statement`);
  }
  assert.deepEqual(new Map([...lines].sort(([a], [b]) => a - b)), new Map([...books.lines].sort(([a], [b]) => a - b)));
  const players = await runSql(url, "select id, code from player where operator_id = 1 and code <> '' order by id");
  assert.deepEqual(
    players.map(({ id, code }) => [Number(id), code]),
    [...books.players].sort(([a], [b]) => a - b),
  );
  for (const row of await runSql(url, "select * from seed_stream where operator_id = 1 and name <> ''")) {
    const { name, keyId, clientSeed, position } = books.streams.get(Number(row.id))!;
    assert.deepEqual(
      [row.name, row.key_id, row.client_seed, Number(row.position)],
      [name, keyId, clientSeed, position],
    );
    assert.equal(Number(row.sequence), books.sequences.get(`seed_stream/${row.id}`) ?? 0);
  }
}
