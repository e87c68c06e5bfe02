import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'vitest';
import { engines } from '../../src/engines/index.ts';
import { registerOf } from '../../src/schema.ts';
import { ROOT } from '../support/command.ts';
import { ADDED } from './golden-prize-facts.ts';
import { GOLDEN } from './golden-facts.ts';
import { JACKPOT_ENDS_GOLDEN } from './golden-jackpot-ends.ts';
import { JACKPOT_GOLDEN } from './golden-jackpot.ts';
import { JOURNEY_GOLDEN } from './golden-journey.ts';
import { COMMUNITY_ADDED, COMMUNITY_GOLDEN } from './golden-community.ts';
import { FACT_PARTS } from './fact-parts.ts';
import { OPT_IN_GOLDEN } from './golden-opt-ins.ts';
import { POTS_RAFFLE_ADDED, POTS_RAFFLE_GOLDEN } from './golden-pots-raffle.ts';
import { POTS_CONFIG_GOLDEN } from './golden-pots-config.ts';
import { POTS_ADDED, POTS_GOLDEN } from './golden-pots.ts';
import { POTS_WALLET_ADDED, POTS_WALLET_GOLDEN } from './golden-pots-wallet.ts';
import { WINS_ADDED, WINS_GOLDEN } from './golden-wins.ts';
import { TOURNAMENT_GOLDEN } from './golden-tournament.ts';
import { WEBHOOK_GOLDEN } from './golden-webhooks.ts';

/** The messages of every file of facts. */
const files = globSync('gen/ts/windfall/facts/v1/*.ts', { cwd: ROOT });
const facts: object = Object.assign({}, ...(await Promise.all(files.map((file) => import(join(ROOT, file))))));

const ALL = {
  ...GOLDEN,
  ...JACKPOT_GOLDEN,
  ...JACKPOT_ENDS_GOLDEN,
  ...JOURNEY_GOLDEN,
  ...POTS_GOLDEN,
  ...OPT_IN_GOLDEN,
  ...POTS_RAFFLE_GOLDEN,
  ...POTS_CONFIG_GOLDEN,
  ...POTS_WALLET_GOLDEN,
  ...TOURNAMENT_GOLDEN,
  ...WEBHOOK_GOLDEN,
  ...WINS_GOLDEN,
  ...COMMUNITY_GOLDEN,
};

for (const [name, { message, data, hex }] of Object.entries(ALL)) {
  test(`${name} is written and read as it always was`, () => {
    assert.equal(Buffer.from(message.encode(data).finish()).toString('hex'), hex);
    assert.deepEqual(message.decode(Buffer.from(hex, 'hex')), data);
  });
}

for (const [name, { message, data, hex }] of [
  ...Object.entries({ ...ADDED, ...POTS_ADDED }),
  ...Object.entries(POTS_RAFFLE_ADDED),
  ...Object.entries(WINS_ADDED),
  ...Object.entries(POTS_WALLET_ADDED),
  ...Object.entries(COMMUNITY_ADDED),
]) {
  test(`${name} is written and read with what was added`, () => {
    assert.equal(Buffer.from(message.encode(data).finish()).toString('hex'), hex);
    assert.deepEqual(message.decode(Buffer.from(hex, 'hex')), data);
  });
}

test('the messages from before definitions had a common life cycle are gone, and their names are not reused', () => {
  const gone = ['LootboxPublished', 'LootboxArchived', 'JackpotPublished', 'JackpotArchived'];
  assert.deepEqual(
    gone.filter((name) => name in facts),
    [],
  );
});

test('every message of the journal is held to its bytes', () => {
  const messages = Object.keys(facts).filter((name) => /^[A-Z][a-z]/.test(name) && !FACT_PARTS.has(name));
  assert.deepEqual(messages.sort(), Object.keys(ALL).sort());
});

// A number is stored in every row of the journal permanently; a used number is never assigned to another kind.
const NUMBERS: Readonly<Record<string, string>> = {
  101: 'player.created',
  102: 'player.updated',
  103: 'player.protected',
  104: 'player.limits-used',
  201: 'fairness.client-seed-set',
  301: 'ledger.transferred',
  302: 'settlement.opened',
  303: 'settlement.paid',
  304: 'ledger.expired',
  401: 'api-key.created',
  402: 'api-key.revoked',
  403: 'admin.changed',
  501: 'catalogue.definition-changed',
  502: 'catalogue.definition-noted',
  601: 'grant.confirmed',
  602: 'grant.expired',
  701: 'tickets.pool-opened',
  702: 'tickets.sold',
  801: 'webhook.created',
  802: 'webhook.updated',
  803: 'webhook.deleted',
  804: 'webhook.secret-changed',
  805: 'webhook.settings-changed',
  806: 'webhook.events-redelivered',
  1001: 'lootbox.opened',
  1101: 'jackpot.opened',
  1102: 'jackpot.contributed',
  1103: 'jackpot.won',
  1104: 'jackpot.pot-lapsed',
  1105: 'jackpot.hit-seed-revealed',
  1106: 'jackpot.renewed',
  1107: 'jackpot.pot-closed',
  1108: 'jackpot.pot-paid',
  1109: 'jackpot.pot-end-planned',
  1110: 'jackpot.ended',
  1111: 'jackpot.pot-emptied',
  1112: 'jackpot.pot-endowed',
  1113: 'jackpot.pot-adjusted',
  1120: 'jackpot.round-opened',
  1121: 'jackpot.round-prolonged',
  1122: 'jackpot.round-closed',
  1123: 'jackpot.round-drawn',
  1201: 'minigame.played',
  1401: 'tournament.opened',
  1402: 'tournament.season-opened',
  1403: 'tournament.joined',
  1404: 'tournament.scored',
  1405: 'tournament.season-closed',
  1406: 'tournament.season-cancelled',
  1501: 'journey.opened',
  1502: 'journey.advanced',
  1503: 'journey.dormant-paged',
  1301: 'raffle.closed',
  1302: 'raffle.drawn',
  1303: 'raffle.cancelled',
  1601: 'pots.listed',
  1630: 'pots.called-back',
  1660: 'pots.payout-released',
  1661: 'pots.payout-rejected',
  1680: 'pots.shown',
  1690: 'pots.shares-paid',
  1670: 'pots.opt-in-transfer-begun',
  1671: 'pots.opt-ins-carried',
  1650: 'pots.tickets-earned',
  1610: 'pots.currencies-set',
  1611: 'pots.route-changed',
  1612: 'pots.wallet-set',
  1613: 'pots.operator-changed',
  1620: 'pots.opt-in-set',
  1621: 'pots.opt-ins-set',
  1640: 'pots.wallet-reserved',
  1641: 'pots.wallet-debited',
  1642: 'pots.wallet-contributed',
  1643: 'pots.wallet-rejected',
  1644: 'pots.wallet-cancelled',
  1645: 'pots.wallet-credited',
  1646: 'pots.wallet-owed',
  1647: 'pots.wallet-refused',
};
/** The versions of kinds that have more than version 1. */
const VERSIONS: Readonly<Record<string, readonly number[]>> = {
  1612: [1, 2],
  101: [1, 2],
  1001: [1, 2, 3],
  1101: [1, 2],
  1102: [1, 2],
  1103: [1, 2],
  1104: [1, 2],
  1201: [1, 2],
  1302: [1, 2],
};
const TABLES: Readonly<Record<string, string>> = {
  1: 'account',
  101: 'player',
  102: 'player_guard',
  201: 'seed_stream',
  301: 'settlement',
  501: 'definition',
  502: 'definition_version',
  601: 'player_grant',
  503: 'definition_shelf',
  602: 'prize_stock',
  603: 'play_counter',
  701: 'ticket_pool',
  702: 'ticket_entry',
  703: 'ticket_holder',
  1101: 'jackpot',
  1102: 'jackpot_pot',
  1103: 'jackpot_hits',
  1104: 'jackpot_pot_end',
  1105: 'jackpot_opt_in',
  1106: 'jackpot_round',
  1107: 'jackpot_payout',
  1190: 'jackpot_community',
  1401: 'tournament',
  1402: 'tournament_season',
  1403: 'tournament_entry',
  1404: 'tournament_points',
  1501: 'journey_board',
  1502: 'journey',
  1503: 'journey_progress',
  1601: 'pots_listing',
  1640: 'pots_wallet_call',
  1670: 'pots_opt_in_transfer',
  1650: 'pots_tickets',
};

test('every kind of fact, and every table of rows, has the number that it always had', () => {
  const { facts: kinds, tables } = registerOf(engines);
  assert.deepEqual(
    Object.fromEntries(kinds.map(({ number, version, name }) => [`${number} ${version}`, name])),
    Object.fromEntries(
      Object.entries(NUMBERS).flatMap(([number, name]) =>
        (VERSIONS[number] ?? [1]).map((version) => [`${number} ${version}`, name]),
      ),
    ),
  );
  assert.deepEqual(Object.fromEntries(tables.map(({ number, name }) => [number, name])), TABLES);
});
