import assert from 'node:assert/strict';
import { describe, test } from 'vitest';
import { engines, takeEffect } from '../../src/engines/index.ts';
import { streamId, type StreamKind } from '../../src/fairness/index.ts';
import { accountId, accountKind, type AccountKind } from '../../src/journal/index.ts';
import { groundTasks } from '../../src/services/index.ts';
import { register } from './fixture.ts';

// What is in stored rows. Lines may be added; a line that has to change means that stored rows lose their meaning.
describe('what is stored keeps its meaning', () => {
  test('tables: number, name, rank of its locks', () => {
    assert.deepEqual(
      register.tables.map(({ number, name, rank }) => `${number} ${name} ${rank}`),
      [
        '1 account 5',
        '101 player 3',
        '102 player_guard 3',
        '201 seed_stream 4',
        '301 settlement 2',
        '501 definition 1',
        '502 definition_version 2',
        '503 definition_shelf 1',
        '601 player_grant 2',
        '602 prize_stock 1',
        '603 play_counter 4',
        '701 ticket_pool 1',
        '702 ticket_entry 2',
        '703 ticket_holder 2',
        '1101 jackpot 1',
        '1102 jackpot_pot 1',
        '1103 jackpot_hits 1',
        '1104 jackpot_pot_end 2',
        '1105 jackpot_opt_in 2',
        '1106 jackpot_round 2',
        '1107 jackpot_payout 2',
        '1190 jackpot_community 2',
        '1401 tournament 1',
        '1402 tournament_season 1',
        '1403 tournament_entry 2',
        '1404 tournament_points 3',
        '1501 journey_board 1',
        '1502 journey 1',
        '1503 journey_progress 4',
        '1601 pots_listing 2',
        '1640 pots_wallet_call 2',
        '1650 pots_tickets 2',
        '1670 pots_opt_in_transfer 2',
      ],
    );
  });

  test('facts: number, version, name, aggregate', () => {
    const lines = register.facts.map(
      ({ number, version, name, aggregate }) => `${number} ${version} ${name} ${aggregate?.name ?? '-'}`,
    );
    assert.deepEqual(lines, [
      '101 1 player.created player',
      '101 2 player.created player',
      '102 1 player.updated player',
      '103 1 player.protected player_guard',
      '104 1 player.limits-used player_guard',
      '201 1 fairness.client-seed-set seed_stream',
      '301 1 ledger.transferred account',
      '302 1 settlement.opened settlement',
      '303 1 settlement.paid settlement',
      '304 1 ledger.expired account',
      '401 1 api-key.created -',
      '402 1 api-key.revoked -',
      '403 1 admin.changed -',
      '501 1 catalogue.definition-changed definition',
      '502 1 catalogue.definition-noted definition',
      '601 1 grant.confirmed player_grant',
      '602 1 grant.expired player_grant',
      '701 1 tickets.pool-opened ticket_pool',
      '702 1 tickets.sold ticket_pool',
      '801 1 webhook.created -',
      '802 1 webhook.updated -',
      '803 1 webhook.deleted -',
      '804 1 webhook.secret-changed -',
      '805 1 webhook.settings-changed -',
      '806 1 webhook.events-redelivered -',
      '1001 1 lootbox.opened seed_stream',
      '1001 2 lootbox.opened seed_stream',
      '1001 3 lootbox.opened seed_stream',
      '1101 1 jackpot.opened jackpot',
      '1101 2 jackpot.opened jackpot',
      '1102 1 jackpot.contributed jackpot',
      '1102 2 jackpot.contributed jackpot',
      '1103 1 jackpot.won jackpot',
      '1103 2 jackpot.won jackpot',
      '1104 1 jackpot.pot-lapsed jackpot',
      '1104 2 jackpot.pot-lapsed jackpot',
      '1105 1 jackpot.hit-seed-revealed jackpot',
      '1106 1 jackpot.renewed jackpot',
      '1107 1 jackpot.pot-closed jackpot',
      '1108 1 jackpot.pot-paid jackpot',
      '1109 1 jackpot.pot-end-planned jackpot',
      '1110 1 jackpot.ended jackpot',
      '1111 1 jackpot.pot-emptied jackpot',
      '1112 1 jackpot.pot-endowed jackpot',
      '1113 1 jackpot.pot-adjusted jackpot',
      '1120 1 jackpot.round-opened jackpot_round',
      '1121 1 jackpot.round-prolonged jackpot_round',
      '1122 1 jackpot.round-closed jackpot',
      '1123 1 jackpot.round-drawn ticket_pool',
      '1201 1 minigame.played seed_stream',
      '1201 2 minigame.played seed_stream',
      '1301 1 raffle.closed ticket_pool',
      '1302 1 raffle.drawn ticket_pool',
      '1302 2 raffle.drawn ticket_pool',
      '1303 1 raffle.cancelled ticket_pool',
      '1401 1 tournament.opened tournament',
      '1402 1 tournament.season-opened tournament_season',
      '1403 1 tournament.joined tournament_season',
      '1404 1 tournament.scored tournament_season',
      '1405 1 tournament.season-closed tournament_season',
      '1406 1 tournament.season-cancelled tournament_season',
      '1501 1 journey.opened journey_board',
      '1502 1 journey.advanced journey_progress',
      '1503 1 journey.dormant-paged journey_board',
      '1601 1 pots.listed pots_listing',
      '1610 1 pots.currencies-set -',
      '1611 1 pots.route-changed -',
      '1612 1 pots.wallet-set -',
      '1612 2 pots.wallet-set -',
      '1613 1 pots.operator-changed -',
      '1620 1 pots.opt-in-set jackpot_opt_in',
      '1621 1 pots.opt-ins-set pots_listing',
      '1630 1 pots.called-back jackpot',
      '1640 1 pots.wallet-reserved pots_wallet_call',
      '1641 1 pots.wallet-debited pots_wallet_call',
      '1642 1 pots.wallet-contributed pots_wallet_call',
      '1643 1 pots.wallet-rejected pots_wallet_call',
      '1644 1 pots.wallet-cancelled pots_wallet_call',
      '1645 1 pots.wallet-credited pots_wallet_call',
      '1646 1 pots.wallet-owed pots_wallet_call',
      '1647 1 pots.wallet-refused pots_wallet_call',
      '1650 1 pots.tickets-earned pots_tickets',
      '1660 1 pots.payout-released jackpot',
      '1661 1 pots.payout-rejected jackpot',
      '1670 1 pots.opt-in-transfer-begun pots_opt_in_transfer',
      '1671 1 pots.opt-ins-carried pots_opt_in_transfer',
      '1680 1 pots.shown jackpot',
      '1690 1 pots.shares-paid jackpot',
    ]);
  });

  test('kinds of accounts, and the numbers of accounts', () => {
    // The account of owner 1 in asset 1.
    const lines = Object.keys(accountKind).map((kind) => `${kind} ${accountId(kind as AccountKind, 1, 1)}`);
    assert.deepEqual(lines, [
      'player 16416',
      'escrow 16417',
      'jackpot 16418',
      'operator 16432',
      'exchange 16433',
      'external 16434',
      'wallet 16435',
      'payable 16436',
    ]);
  });

  test('kinds of streams, and the numbers of streams', () => {
    const kinds: Record<StreamKind, true> = { player: true, raffle: true, jackpot: true, pot: true };
    assert.deepEqual(
      Object.keys(kinds).map((kind) => `${kind} ${streamId(kind as StreamKind, 1)}`),
      ['player 64', 'raffle 65', 'jackpot 66', 'pot 67'],
    );
  });

  test('tasks, which orders name', () => {
    const tasks = [takeEffect([]), ...groundTasks, ...engines.flatMap((engine) => engine.tasks ?? [])];
    assert.deepEqual(
      tasks.map(({ name }) => name),
      [
        'catalogue.take-effect',
        'grant.expire',
        'ledger.expire',
        'jackpot.end-cycle',
        'jackpot.pay-end',
        'jackpot.reveal-seed',
        'jackpot.end-round',
        'jackpot.draw-round',
        'raffle.draw',
        'raffle.refund',
        'tournament.open-season',
        'tournament.close',
        'tournament.settle',
        'journey.tell-dormant',
        'pots.end-instance',
        'pots.carry-opt-ins',
        'pots.pay-shares',
        'pots.wallet',
      ],
    );
  });

  test('values of the rows that are kept in the facts of changes', () => {
    const kept = register.tables.filter(({ name }) =>
      ['seed_stream', 'prize_stock', 'jackpot', 'jackpot_pot'].includes(name),
    );
    assert.deepEqual(
      kept.map((table) => `${table.name}: ${Object.keys(table.blank(0)).join(' ')}`),
      [
        'seed_stream: id sequence name keyId position tx fromPosition since movedAt clientSeed startSeed',
        'prize_stock: id sequence won',
        'jackpot: id sequence definitionId asset house contributions contributed nonce chain config',
        'jackpot_pot: id sequence jackpotId code value reserve surplus contributed overflow paid hits cycle ' +
          'starts cycleFrom drawnAt terms termsFrom sum lastPlayer triggerFrom triggerTo dueAt wonAt',
      ],
    );
  });
});
