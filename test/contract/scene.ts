import { randomBytes } from 'node:crypto';
import type { JsonObject } from '@bufbuild/protobuf';
import type { Headers } from '../support/api.ts';
import type { Service } from '../support/service.ts';
import { BOX, GAME, JOURNEY, POT, RAFFLE, TOURNAMENT } from './definitions.ts';
import {
  makeInstance,
  makePaused,
  makeRaffle,
  makeSegment,
  makeSource,
  makeTemplate,
  optIn,
  setCurrencies,
  withhold,
  type Withheld,
} from './scene-pots.ts';
import { findDelivery, makeWebhook } from './scene-webhooks.ts';

/** The first brand of operator A, which everything in a scene belongs to. */
export const BRAND = '1001';
/** Operator A's admin. */
export const LOGIN = { username: 'demo', password: 'demo' };

/** Things of operator A and its first brand. Each is created when a request first names it. */
export class Scene {
  readonly #service: Service;
  readonly #made = new Map<string, Promise<any>>();
  readonly #suffix = randomBytes(6).toString('hex');
  readonly player = `player-${this.#suffix}`;

  constructor(service: Service) {
    this.#service = service;
  }

  /** A text that occurs in no other scene. */
  unique(kind: string): string {
    return `${kind}-${this.#suffix}`;
  }

  get brand(): string {
    return BRAND;
  }

  /** Everything that no one else may see of the scene, apart from what the request itself names. */
  async secrets(): Promise<string[]> {
    const made = await Promise.all(this.#made.values());
    // A number may occur anywhere.
    return [this.#suffix, ...made.filter((one) => typeof one === 'string' && !/^\d+$/.test(one))];
  }

  funded(): Promise<string> {
    return this.#once('transfer', async () => {
      const { transfer } = await this.#call('service', 'LedgerService.CreateTransfer', this.transferRequest());
      return transfer.transfer_id;
    });
  }

  transferRequest(): JsonObject {
    return {
      source: { kind: 'operator' },
      destination: { kind: 'player', user_id: this.player, brand_id: BRAND },
      asset: 'WINZ',
      amount: '1000',
      idempotency_key: this.unique('transfer'),
    };
  }

  lootbox(): Promise<string> {
    return this.#once('lootbox', async () => {
      const id = this.unique('box');
      await this.#call('admin', 'LootboxService.CreateLootbox', { ...BOX, id });
      return id;
    });
  }

  /** A published template of the operator, an active instance of it, and the player once opted in to that. */
  template = (): Promise<string> => this.#once('template', () => makeTemplate(this, this.#call.bind(this)));
  instance = (): Promise<string> => this.#once('instance', () => makeInstance(this, this.#call.bind(this)));
  pausedInstance = (): Promise<string> => this.#once('paused', () => makePaused(this, this.#call.bind(this)));
  /** A raffle of which the player has tickets. */
  potsRaffle = (): Promise<string> => this.#once('pots-raffle', () => makeRaffle(this, this.#call.bind(this)));
  /** An instance that withholds each win, and what it has withheld of the player's. */
  withheld = (): Promise<Withheld> => this.#once('withheld', () => withhold(this, this.#call.bind(this)));
  optedIn = (): Promise<string> => this.#once('opted-in', () => optIn(this, this.#call.bind(this)));
  source = (): Promise<string> => this.#once('source', () => makeSource(this, this.#call.bind(this)));
  segment = (): Promise<string> => this.#once('segment', () => makeSegment(this, this.#call.bind(this)));
  /** The owner of multipliers. */
  currencies = (): Promise<string> => this.#once('currencies', () => setCurrencies(this, this.#call.bind(this)));

  /** A jackpot whose last contributor is the player. */
  jackpot(): Promise<string> {
    return this.#once('jackpot', async () => {
      const id = this.unique('pot');
      await this.#call('admin', 'JackpotService.CreateJackpot', { ...POT, id });
      const request = { id, user_id: this.player, brand_id: BRAND, amount: 1, source_wager_id: this.unique('wager') };
      await this.#call('service', 'JackpotService.ContributeToJackpot', request);
      return id;
    });
  }

  /** A raffle that the player has entered. */
  raffle(): Promise<string> {
    return this.#once('raffle', async () => {
      const id = this.unique('raffle');
      await this.#call('admin', 'RaffleService.CreateRaffle', { ...RAFFLE, id });
      const request = { id, user_id: this.player, brand_id: BRAND, tickets: 2 };
      await this.#call('service', 'RaffleService.EnterRaffle', request);
      return id;
    });
  }

  /** A jackpot that the player has won. */
  wonJackpot(): Promise<string> {
    return this.#once('won', async () => {
      const id = await this.jackpot();
      await this.#call('service', 'JackpotService.DropJackpot', { id });
      return id;
    });
  }

  /** The same, ended without a drop: its pot has the player's money. */
  endedJackpot(): Promise<string> {
    return this.#once('ended', async () => {
      const id = await this.jackpot();
      await this.#call('admin', 'JackpotService.ArchiveJackpot', { id });
      return id;
    });
  }

  /** Another jackpot, which nobody has contributed to. */
  freshJackpot(): Promise<string> {
    return this.#once('fresh', async () => {
      const id = this.unique('fresh-jackpot');
      await this.#call('admin', 'JackpotService.CreateJackpot', { ...POT, id });
      return id;
    });
  }

  /** A tournament in which the player has scored. */
  tournament(): Promise<string> {
    return this.#once('tournament', async () => {
      const id = this.unique('tournament');
      await this.#call('admin', 'TournamentService.CreateTournament', { ...TOURNAMENT, id });
      const score = { id, user_id: this.player, brand_id: BRAND, points: '5', source_wager_id: this.unique('scored') };
      await this.#call('service', 'TournamentService.SubmitScore', score);
      return id;
    });
  }

  miniGame(): Promise<string> {
    return this.#once('mini-game', async () => {
      const id = this.unique('game');
      await this.#call('admin', 'MiniGameService.CreateMiniGame', { ...GAME, id });
      return id;
    });
  }

  /** A journey that the player has begun. */
  journey(): Promise<string> {
    return this.#once('journey', async () => {
      const id = this.unique('journey');
      await this.#call('admin', 'JourneyService.CreateJourney', { ...JOURNEY, id });
      const event = { user_id: this.player, brand_id: BRAND, trigger: 'signup' };
      await this.#call('service', 'JourneyService.FireEvent', event);
      return id;
    });
  }

  /** The two parts of the name of the player's stream, in which there is a draw. */
  stream(): Promise<{ kind: string; name: string }> {
    return this.#once('stream', async () => {
      await this.draw();
      const request = { user_id: this.player, brand_id: BRAND };
      const { stream } = await this.#call('service', 'FairnessService.GetCommitment', request);
      const [kind = '', name = ''] = String(stream).split('/');
      return { kind, name };
    });
  }

  draw(): Promise<string> {
    return this.#once('draw', async () => {
      const request = { id: await this.lootbox(), user_id: this.player, brand_id: BRAND };
      return (await this.#call('service', 'LootboxService.OpenLootbox', request)).open_id;
    });
  }

  /** The key that the player has opened a lootbox with. */
  openedByPlayer(): Promise<string> {
    return this.#once('opened', async () => {
      const named = { user_id: this.player, brand_id: BRAND };
      const { token } = await this.#call('service', 'PlayerService.IssuePlayerToken', named);
      const key = this.unique('own-open');
      const request = { id: await this.lootbox(), idempotency_key: key };
      await this.#service.grpc('LootboxService.OpenLootbox', request, { 'x-auth-token': token });
      return key;
    });
  }

  /** Excludes the player. */
  excluded(): Promise<void> {
    return this.#once('excluded', async () => {
      await this.#call('service', 'PlayerService.ExcludePlayer', { user_id: this.player, brand_id: BRAND });
    });
  }

  /** Something that is owed to the player. */
  grant(): Promise<string> {
    return this.#once('grant', async () => {
      const id = this.unique('gift-box');
      const prizes = [{ segment_label: 'sure', kind: 'item', item: this.unique('item'), weight: 1 }];
      await this.#call('admin', 'LootboxService.CreateLootbox', { id, prizes });
      const named = { user_id: this.player, brand_id: BRAND };
      await this.#call('service', 'LootboxService.OpenLootbox', { ...named, id });
      const { grants } = await this.#call('service', 'GrantService.ListGrants', named);
      return grants[0].grant_id;
    });
  }

  /** A webhook that gets the player's opens; and one of its deliveries. */
  webhook = (): Promise<string> => this.#once('webhook', () => makeWebhook(this, this.#call.bind(this)));
  delivery = (): Promise<string> => this.#once('delivery', () => findDelivery(this, this.#call.bind(this)));

  proof = (): Promise<JsonObject> =>
    this.#once('proof', async () => {
      return (await this.#call('service', 'FairnessService.GetProof', { draw_id: await this.draw() })).record_proofs[0];
    });
  key = (): Promise<string> =>
    this.#one('AuthService.CreateApiKey', { name: this.unique('key') }).then(({ key }) => key.key_id);
  admin = (name = this.unique('admin')): Promise<string> =>
    this.#one('AdminService.CreateAdmin', { username: name, password: name + name }).then(
      ({ admin }) => admin.admin_id,
    );
  readonly #one = (rpc: string, named: JsonObject): Promise<any> =>
    this.#once(rpc, () => this.#call('admin', rpc, named));

  async #call(as: string, rpc: string, request: JsonObject): Promise<any> {
    const headers: Headers = await this.#service.credentials(as, '');
    const { reason, body } = await this.#service.grpc(rpc, request, headers);
    if (reason !== null) throw new Error(`${rpc}: ${reason}`);
    return body;
  }

  #once<T>(what: string, make: () => Promise<T>): Promise<T> {
    let made = this.#made.get(what);
    if (made === undefined) this.#made.set(what, (made = make()));
    return made;
  }
}
