import { Buffer } from 'node:buffer';
import { fromBinary, fromJson, toBinary, toJson, type JsonObject } from '@bufbuild/protobuf';
import { Metadata, type ServiceError } from '@grpc/grpc-js';
import { grpcApi, methods, registry, type Headers, type Outcome as Called } from '../support/api.ts';
import type { Contribution, Deed, Outcome } from './pots-answered.ts';
import { countryOf } from './pots-patience.ts';
import type { Windows } from './pots-windows.ts';

export const SERVICE: Headers = { authorization: 'Bearer wf_test_demo' };
const DEADLINE_MS = 20_000;
/** After these it is unknown whether anything was done, or nothing was done. */
const AGAIN = new Set(['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'RESOURCE_EXHAUSTED', 'CANCELLED', 'OVERLOADED', 'UNKNOWN']);
const STREAM = methods.get('ContributionService.StreamContributions')!;

/** The instances by their names, and where results are called back. */
export interface Places {
  readonly ids: ReadonlyMap<string, string>;
  readonly names: ReadonlyMap<string, string>;
  readonly hook: string;
  readonly windows: Windows;
}

/** One server as callers see it. It may be gone at any time. */
export class PotsServer {
  readonly #api: ReturnType<typeof grpcApi>;
  readonly #places: Places;

  constructor(address: string, places: Places) {
    this.#api = grpcApi(address);
    this.#places = places;
  }

  close(): void {
    this.#api.close();
  }

  /** A call of its own: null if it is unknown what it did. */
  async call(rpc: string, request: JsonObject, headers: Headers = SERVICE): Promise<Called | null> {
    const called = await this.#api.call(rpc, request, headers);
    return called.status !== 'OK' && (called.reason === null || AGAIN.has(called.reason)) ? null : called;
  }

  /** One call for a contribution. */
  async one(wish: Contribution): Promise<Outcome> {
    const called = await this.call(...this.#request(wish));
    if (called === null) return null;
    if (called.status !== 'OK') return { reason: reasonOf(called.reason!, called.details) };
    return this.#answer([called.body ?? []].flat());
  }

  /** One BatchContribute. */
  async batch(wishes: readonly Contribution[]): Promise<Outcome[]> {
    const items = wishes.map((wish) => this.#keyed(wish));
    const called = await this.call('ContributionService.BatchContribute', { items });
    if (called === null) return wishes.map(() => null);
    if (called.status !== 'OK') throw new Error(`BatchContribute: ${called.reason}`);
    return (called.body as any).results.map(this.#outcome);
  }

  /** One StreamContributions: all messages are written at once, and items without an answer are unknown. */
  stream(messages: readonly (readonly Contribution[])[]): Promise<Outcome[]> {
    const metadata = new Metadata();
    metadata.set('authorization', SERVICE['authorization']!);
    const path = `/${STREAM.parent.typeName}/${STREAM.name}`;
    const same = (bytes: Buffer): Buffer => bytes;
    const call = this.#api.raw.makeBidiStreamRequest(path, same, same, metadata, {
      deadline: Date.now() + DEADLINE_MS,
    });
    const answers: Outcome[][] = [];
    return new Promise((resolve, reject) => {
      const end = (): void => resolve(messages.flatMap((wishes, i) => answers[i] ?? wishes.map(() => null)));
      call.on('data', (bytes: Buffer) => {
        const { results } = toJson(STREAM.output, fromBinary(STREAM.output, bytes), { registry }) as any;
        answers.push(results.map(this.#outcome));
      });
      call.on('error', (error: ServiceError) => {
        const known = error.metadata.get('grpc-status-details-bin').length > 0;
        if (known && !/unavailable|deadline|exhausted|cancel/i.test(error.message)) reject(error);
        else end();
      });
      call.on('end', end);
      for (const wishes of messages) {
        const message = { items: wishes.map((wish) => this.#keyed(wish)) };
        call.write(Buffer.from(toBinary(STREAM.input, fromJson(STREAM.input, message, { registry }))));
      }
      call.end();
    });
  }

  /** What an operator does. */
  async deed(deed: Deed, admin: Headers): Promise<Outcome> {
    const called = await this.call(...this.#deed(deed), deed.kind === 'trigger' ? SERVICE : admin);
    if (called === null) return null;
    if (called.status !== 'OK') return { reason: reasonOf(called.reason!, called.details) };
    const body = called.body as any;
    if (deed.kind === 'settle') return { id: '', text: settledText(body) };
    return { id: '', text: deed.kind === 'trigger' ? `${body.win_pot_id} ${microsOf(body.win_amount)}` : 'done' };
  }

  #deed(deed: Deed): [string, JsonObject] {
    const id = this.#places.ids.get(deed.instance)!;
    if (deed.kind === 'trigger') {
      const who = { brand_id: 'demo:main', player_id: deed.player, source_id: deed.tag, idempotency_key: deed.tag };
      return ['InstanceService.TriggerPot', { instance_id: id, pot_id: deed.pot, ...who }];
    }
    if (deed.kind === 'settle') {
      const request = { instance_id: id, gameround_id: deed.round, reason: deed.tag };
      return [`WithheldWinService.${deed.verb}WithheldWin`, request];
    }
    const why = { reason: deed.tag, idempotency_key: deed.tag };
    if (deed.kind === 'adjust') {
      const rpc = { value: 'AdjustPot', reserve: 'AdjustSeed', surplus: 'AdjustSurplusSeed' }[deed.part];
      const request = { instance_id: id, pot_id: deed.pot, adjustment: Number(deed.amount) / 1e6, ...why };
      return [`InstanceService.${rpc}`, request];
    }
    const rules = deed.rules.map(({ from, to }) => ({
      source_pot: from,
      target_pot: Object.fromEntries(to.map(([pot, part]) => [pot, Number(part) / 1e6])),
    }));
    const ids = { source_instance_id: id, target_instance_id: this.#places.ids.get(deed.to)! };
    return [
      'InstanceService.TransferPots',
      { ...ids, user_id: 'warden', transfer_optins: deed.optIns, pot_rules: rules, ...why },
    ];
  }

  #request(wish: Contribution): [string, JsonObject] {
    const { way, target, tag, player, wager, currency } = wish;
    if (way !== 'first' && way !== 'provider') return ['ContributionService.Contribute', this.#item(wish)];
    const common = {
      token: 't',
      brand_id: 'demo:main',
      player_id: player,
      player_country: countryOf(player),
      base_wager: Number(wager) / 1e6,
      currency,
      gameround_id: tag,
      idempotency_key: tag,
    };
    if (target === 'casino') return ['ContributionService.ContributeToSource', { source_id: target, ...common }];
    const request = { instance_id: this.#places.ids.get(target)!, ...common };
    if (way === 'first') return ['ContributionService.ContributeToInstance', request];
    return ['ContributionService.ContributeByProvider', { ...request, provider_id: 'studio', game_code: 'wheel' }];
  }

  /** An item must have its key itself: it is the same as that in its options. */
  #keyed(wish: Contribution): JsonObject {
    return { ...this.#item(wish), idempotency_key: wish.tag };
  }

  #item({ target, tag, player, wager, currency, linked, way }: Contribution): JsonObject {
    const called = way === 'called' || way === 'wins';
    const callback = { web_hook: this.#places.hook, win_result_only: way === 'wins' };
    return {
      target:
        target === 'casino' ? { type: 'source', id: target } : { type: 'instance', id: this.#places.ids.get(target)! },
      owner_id: 'demo',
      player: { id: player, token: 't', country: countryOf(player), brand_id: 'main' },
      base_wager: { currency, value: Number(wager) / 1e6 },
      source: { id: tag },
      metadata: { tag },
      options: { idempotency_key: tag, allow_linked_contributions: linked, ...(called ? { callback } : {}) },
    };
  }

  readonly #outcome = ({ contributed, failure }: any): Outcome => {
    if (failure === undefined) return this.#answer(contributed.results ?? []);
    const { reason, details, fields } = failure;
    return AGAIN.has(reason) ? null : { reason: reasonOf(reason, { ...details, fields }) };
  };

  #answer(results: readonly any[]): Outcome {
    if (results.length === 0) return { id: '', text: 'called back' };
    return { id: results[0].gameround_id, text: results.map((one) => this.resultText(one)).join('; ') };
  }

  /** A result in one text. */
  resultText(result: any): string {
    if (result.message !== undefined) return result.message;
    return resultText({
      instance: this.#places.names.get(result.instance_id)!,
      paid: microsOf(result.contribution_amount),
      won: microsOf(result.win_amount),
      pot: result.win_pot_id ?? '',
      withheld: result.win_withheld,
      tickets: result.tickets_awarded ?? undefined,
    });
  }
}

interface Result {
  readonly instance: string;
  readonly paid: bigint;
  readonly won: bigint;
  /** Empty: none was won. */
  readonly pot: string;
  readonly withheld: boolean;
  /** Undefined: the instance is no raffle. */
  readonly tickets: bigint | number | undefined;
}

/** A result as in the response and as in the model, in one text. */
export const resultText = ({ instance, paid, won, pot, withheld, tickets }: Result): string =>
  [instance, paid, won, pot, withheld ? 'withheld' : '', tickets === undefined ? '' : `+${tickets}`]
    .filter((part) => part !== '')
    .join(' ');

/** Whether a result in one text is of a win. */
export const isWin = (text: string): boolean => /^\S+ \d+ [1-9]/.test(text);

/** What became of a withheld win, in one text. */
const settledText = ({ status, payout_currency: currency, payout_amount: paid }: any): string =>
  `${status} ${currency} ${microsOf(paid)}`;

const microsOf = (units: number): bigint => BigInt(Math.round(units * 1e6));

function reasonOf(reason: string, { cause, fields }: JsonObject): string {
  if (typeof cause === 'string') return cause;
  return reason === 'INVALID_ARGUMENT' ? `${reason} ${JSON.stringify(fields)}` : reason;
}
