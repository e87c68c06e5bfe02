import assert from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { JackpotContributedV2 } from '../../../gen/ts/windfall/facts/v1/jackpot.ts';
import { definition } from '../../../src/catalogue/index.ts';
import { bindJackpot, type Jackpot } from '../../../src/engines/jackpot/bound.ts';
import { jackpot as heads, jackpotHits, pot as pots, recentHits } from '../../../src/engines/jackpot/entities.ts';
import { revealSeed, SEED_AGE } from '../../../src/engines/jackpot/reveal-seed.ts';
import { seedStream, streamId } from '../../../src/fairness/index.ts';
import { account, accountId } from '../../../src/journal/index.ts';
import { MICROS_MAX } from '../../../src/kernel/index.ts';
import { decideAlone, NOW, wordOf, type Stored } from '../../journal/alone.ts';
import { ASSET, contribute, hashOf, pot, potDefinition, type PotTerms } from './fixture.ts';

const UNIT = 1_000_000n;
const PLAYER = 9;
const [HEAD, POT] = [50, 60];
const [HELD, OWN] = [accountId('jackpot', HEAD, ASSET), accountId('player', PLAYER, ASSET)];
const HITS = streamId('jackpot', HEAD);
const ALWAYS = { cost: '1', odds: 1 };
const NEVER = { cost: '1', odds: 9_000_000_000 };

const jackpotOf = (terms: Partial<PotTerms>, more: { version?: number; operatorShare?: bigint } = {}): Jackpot =>
  bindJackpot(
    {
      definitionId: 1,
      code: 'pool',
      version: more.version ?? 1,
      versionId: 2,
      content: {
        jackpot: BigInt(HEAD),
        name: 'a jackpot',
        asset: 'USD',
        operatorShare: more.operatorShare ?? UNIT,
        selector: 'all',
        instance: undefined,
        pots: [potDefinition(pot({ seed: '1', ...terms }), POT)],
      },
    },
    ASSET,
  );

/** An active jackpot in version 1 with a pot of 10, and a player who has a client seed. */
const rowsOf = (...more: readonly Stored[]): Stored[] => [
  [definition, { id: 1, status: 2, version: 1, versionId: 2 }],
  [heads, { id: HEAD, definitionId: 1, asset: ASSET }],
  [pots, { id: POT, jackpotId: HEAD, code: 'main', cycle: 1, value: 10n * UNIT, drawnAt: 10n * UNIT }],
  [account, { id: HELD, balance: 10n * UNIT }],
  [seedStream, { id: HITS, name: `jackpot/${'ab'.repeat(16)}`, keyId: '1', position: 3, movedAt: NOW - 1000 }],
  [seedStream, { id: streamId('player', PLAYER), name: `player/${'cd'.repeat(16)}`, keyId: '1', clientSeed: 'own' }],
  ...more,
];
const request = (jackpot: Jackpot, i = 0, amount = UNIT) => ({
  jackpot,
  amount,
  player: PLAYER,
  playerHash: hashOf(PLAYER),
  clientSeed: `wager-${i}`,
});
const give = (jackpot: Jackpot, count = 1, rows: readonly Stored[] = [], amount = UNIT) =>
  decideAlone(
    contribute,
    Array.from({ length: count }, (_, i) => request(jackpot, i, amount)),
    { rows: rowsOf(...rows) },
  );
const said = (...of: Parameters<typeof give>): string => wordOf(give(...of).outcomes[0]!);
const drawsOf = ({ entries }: ReturnType<typeof give>) =>
  entries.flatMap(({ fact }) => (fact.data as JackpotContributedV2).draw ?? []);

describe('contributions under one seed', () => {
  test('are drawn with nonces that count up from 0, and with what each call has brought', () => {
    const drawn = give(jackpotOf({ hitRate: NEVER }), 4);
    const draws = drawsOf(drawn);
    assert.deepEqual(
      draws.map(({ position, nonce, requestSeed, ownSeed }) => [position, nonce, requestSeed, ownSeed]),
      [0n, 1n, 2n, 3n].map((nonce) => [3n, nonce, `wager-${nonce}`, 'own']),
    );
    const chains = draws.map(({ chain }) => chain.toString('hex'));
    assert.equal(chains[0], '0'.repeat(64));
    assert.equal(new Set(chains).size, 4, 'each contribution changes what the next ones are drawn with');
    assert.equal(drawn.state.row(heads, HEAD).nonce, 4);
  });

  test('order the reveal of the seed once, a day after the first', () => {
    const tasks = give(jackpotOf({ hitRate: NEVER }), 3).entries.map(({ fact }) => fact.tasks);
    assert.deepEqual(tasks, [[{ task: 'jackpot.reveal-seed', id: HEAD, at: NOW + 86_400_000_000 }], [], []]);
  });

  test('end with the first hit: the next one has another seed, and nonce 0', () => {
    const draws = drawsOf(give(jackpotOf({ hitRate: ALWAYS }), 3));
    assert.deepEqual(
      draws.map(({ position, nonce }) => [position, nonce]),
      [3n, 4n, 5n].map((position) => [position, 0n]),
    );
  });

  test('are at most 17 hits in one transaction: no seed is used whose hash nobody could read before', () => {
    const drawn = give(jackpotOf({ hitRate: ALWAYS }), 20);
    assert.deepEqual(drawn.outcomes.map(wordOf), [...Array<string>(17).fill('done'), 'later', 'later', 'later']);
    for (const { readableSince } of drawsOf(drawn)) assert.equal(Number(readableSince), NOW - 1000);
  });
});

describe('the seed of hits', () => {
  const age = (movedAt: number, nonce: number, at = NOW) => {
    const rows: Stored[] = [
      [seedStream, { id: HITS, keyId: '1', position: 3, movedAt }],
      [heads, { id: HEAD, nonce }],
    ];
    const { outcomes, entries, state } = decideAlone(revealSeed, [{ id: HEAD, at }], { rows });
    const { position } = state.row(seedStream, HITS);
    return [wordOf(outcomes[0]!), entries.length, position, state.row(heads, HEAD).nonce];
  };

  test('is replaced a day after its first draw, and not a microsecond earlier', () => {
    assert.deepEqual(age(NOW - SEED_AGE, 7), ['done', 1, 4, 0]);
    assert.deepEqual(age(NOW - SEED_AGE + 1, 7, NOW + 1), ['UNAVAILABLE', 0, 3, 7]);
  });

  test('is not replaced if nothing was drawn with it, or for an order from before the last one', () => {
    assert.deepEqual(age(NOW - SEED_AGE, 0), ['done', 0, 3, 0]);
    assert.deepEqual(age(NOW - SEED_AGE + 1, 7, NOW), ['done', 0, 3, 7]);
  });
});

describe('a contribution', () => {
  test('is made with the version in force alone, and while the jackpot is active', () => {
    assert.equal(said(jackpotOf({ hitRate: NEVER }, { version: 2 })), 'stale');
    for (const status of [1, 3, 4])
      assert.equal(said(jackpotOf({}), 1, [[definition, { id: 1, status, version: 1 }]]), 'JACKPOT_NOT_ACTIVE');
  });

  test('is paid by the player and by the operator, rounded down for the operator', () => {
    const jackpot = jackpotOf({}, { operatorShare: UNIT / 2n });
    const { entries, state } = give(jackpot, 1, [[account, { id: OWN, balance: 3n }]], 5n);
    assert.deepEqual(entries[0]!.fact.transfers, [
      { from: OWN, to: HELD, amount: 3n },
      { from: accountId('operator', 0, ASSET), to: HELD, amount: 2n },
    ]);
    assert.equal(state.row(account, OWN).balance, 0n);
    assert.equal(said(jackpot, 1, [[account, { id: OWN, balance: 2n }]], 5n), 'INSUFFICIENT_BALANCE');
  });

  test('that hits pays the pot with the contribution, and the pot starts with its seed', () => {
    const { state } = give(jackpotOf({ hitRate: ALWAYS }));
    assert.equal(state.row(account, OWN).balance, 11n * UNIT);
    const { value, cycle, hits } = state.row(pots, POT);
    assert.deepEqual([value, cycle, hits], [UNIT, 2, 1]);
    assert.equal(state.row(account, HELD).balance, UNIT);
  });

  test('draws nothing where there is nothing to win', () => {
    const empty: Stored[] = [
      [pots, { id: POT, jackpotId: HEAD, code: 'main', cycle: 1 }],
      [account, { id: HELD }],
    ];
    // All of it goes to the reserve.
    const { outcomes, state } = give(jackpotOf({ hitRate: ALWAYS, seedShare: '1', collect: 'always' }), 1, empty);
    assert.equal(wordOf(outcomes[0]!), 'done');
    const { value, reserve, hits } = state.row(pots, POT);
    assert.deepEqual([value, reserve, hits], [0n, UNIT, 0]);
  });

  test('is refused before the draw if the jackpot could not hold it with all seeds, to the micro-unit', () => {
    const held = (balance: bigint): string =>
      said(jackpotOf({ hitRate: NEVER }), 1, [[account, { id: HELD, balance }]]);
    assert.equal(held(MICROS_MAX - 2n * UNIT), 'done');
    assert.equal(held(MICROS_MAX - 2n * UNIT + 1n), 'BALANCE_OUT_OF_RANGE');
    const ever = (contributed: bigint): string =>
      said(jackpotOf({}), 1, [[heads, { id: HEAD, definitionId: 1, asset: ASSET, contributed }]]);
    assert.equal(ever(MICROS_MAX - UNIT), 'done');
    assert.equal(ever(MICROS_MAX - UNIT + 1n), 'BALANCE_OUT_OF_RANGE');
  });

  test('is refused before the draw if its player could not hold what the jackpot has, to the micro-unit', () => {
    const holding = (balance: bigint, terms: Partial<PotTerms> = { hitRate: NEVER }): string =>
      said(jackpotOf(terms), 1, [[account, { id: OWN, balance }]]);
    assert.equal(holding(MICROS_MAX - 11n * UNIT), 'done');
    assert.equal(holding(MICROS_MAX - 11n * UNIT + 1n), 'BALANCE_OUT_OF_RANGE');
    assert.equal(holding(MICROS_MAX, {}), 'done', 'a contribution that cannot win');
  });

  test('is shown among the last 25 hits, newest first', () => {
    const shown = (count: number) =>
      recentHits(
        give(jackpotOf({ hitRate: ALWAYS }), count, [[jackpotHits, { id: HEAD, recent: RECENT }]]).state.row(
          jackpotHits,
          HEAD,
        ).recent,
      );
    const after = shown(3);
    assert.equal(after.length, 25);
    assert.deepEqual(
      after.slice(0, 4).map(({ cycle }) => cycle),
      [3, 2, 1, -1],
    );
    assert.equal(after.at(-1)!.cycle, -22);
  });
});

/** Hits of before. */
const RECENT = JSON.stringify(
  Array.from({ length: 25 }, (_, i) => ({
    operationId: '',
    pot: 'main',
    cycle: -1 - i,
    player: 1,
    amount: '1',
    reason: 2,
    time: 1,
  })),
);
