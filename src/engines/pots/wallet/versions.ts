import { chain, type OperatorNo } from '../../../kernel/index.ts';
import type { Platform } from '../../../platform/index.ts';
import { PotsWalletVersion } from './entities.ts';
import type { Wallet } from './client.ts';
import { unseal } from './secret.ts';

/** What a sealed secret belongs to. */
export const secretPlace = (operator: OperatorNo, version: number): string => `wallet/${operator}/${version}`;

type Fixed = Omit<Wallet, 'destinations'>;

/** The settings of wallets by their versions, which never change. */
export class WalletVersions {
  readonly #platform: Pick<Platform, 'reads' | 'webhookKeys' | 'tenants'>;
  readonly #known = new Map<string, Fixed>();

  constructor(platform: Pick<Platform, 'reads' | 'webhookKeys' | 'tenants'>) {
    this.#platform = platform;
  }

  /** No promise if it is cached. */
  settings(operator: OperatorNo, version: number): Fixed | Promise<Fixed> {
    return this.#known.get(secretPlace(operator, version)) ?? this.#read(operator, version);
  }

  /** With where it may be now. */
  async wallet(operator: OperatorNo, version: number): Promise<Wallet> {
    const fixed = await this.settings(operator, version);
    const { webhooks: destinations } = await chain(this.#platform.tenants.of(operator), (tenant) => tenant);
    return { ...fixed, destinations };
  }

  async #read(operatorId: OperatorNo, version: number): Promise<Fixed> {
    const { reads, webhookKeys } = this.#platform;
    const row = await reads((em) => em.findOneOrFail(PotsWalletVersion, { operatorId, version }));
    const { url, timeoutMs, tries, retryMs, backOff } = row;
    const place = secretPlace(operatorId, version);
    const fixed = { url, timeoutMs, tries, retryMs, backOff, secret: unseal(webhookKeys, row.secret, place) };
    this.#known.set(place, fixed);
    return fixed;
  }
}
