import { setTimeout as sleep } from 'node:timers/promises';
import { StaleVersionError, taskOptions } from '../../../journal/index.ts';
import { ApiError, chain, type Caller, type OperatorNo } from '../../../kernel/index.ts';
import type { Platform } from '../../../platform/index.ts';
import { chosenWallets, walletState } from '../../../wallets/index.ts';
import { rejected } from '../../jackpot/index.ts';
import type { PotsAnswer } from '../contribution/outcome.ts';
import type { Reserved } from './reserved.ts';
import { reservingAgain } from './reserving.ts';
import { resumed } from './resumed.ts';
import { keepToken, keptToken } from './tokens.ts';
import type { WalletUse } from './use.ts';
import { resumeMs, walletsOf, type Settled, type Wallets } from './wallets.ts';

/** How long a call waits for the wallet: less than callers over REST wait. */
const WAIT_MS = 8000;
/** How often a reservation is made again if its instances keep changing. */
const TRIES = 5;

interface Call {
  readonly platform: Platform;
  readonly caller: Caller;
}

/**
 * What a contribution is paid with: undefined for the built-in ledger. No promise for the built-in ledger, if that is
 * cached. Throws OVERLOADED, WALLET_ERROR.
 */
export function walletFor(platform: Platform, operator: OperatorNo): WalletUse | undefined | Promise<WalletUse> {
  return chain(chosenWallets(platform).get(operator), (version) =>
    version === undefined ? undefined : use(platform, operator, version),
  ) as WalletUse | undefined | Promise<WalletUse>;
}

async function use(platform: Platform, operator: OperatorNo, version: number): Promise<WalletUse> {
  const wallets = walletsOf(platform);
  const settings = await wallets.versions.settings(operator, version);
  await wallets.backlog.admit(operator, settings.url);
  return { version, row: await platform.newId(), resumeMs: resumeMs(settings) };
}

/**
 * The answer once the wallet has paid: the same one if nothing is to be paid by a wallet. Throws CONTRIBUTION_REJECTED,
 * WALLET_ERROR. @param token the player's session.
 */
export function settled(answer: PotsAnswer, call: Call, token: string): PotsAnswer | Promise<PotsAnswer> {
  const { reserved } = answer;
  if (reserved === undefined) return answer;
  return reserved.data.callbackUrl === ''
    ? paid(answer, reserved, call, token)
    : acknowledged(answer, reserved, call, token);
}

/**
 * The results are sent once there are some. A process may end before it has kept the session of what it reserved: then
 * the repeated call keeps its own, so that nothing is acknowledged that cannot go on. A session that is kept is used,
 * whatever the repeated call has: its own may have expired meanwhile.
 */
async function acknowledged(
  answer: PotsAnswer,
  reserved: Reserved,
  { platform, caller }: Call,
  token: string,
): Promise<PotsAnswer> {
  const wallets = walletsOf(platform);
  const isOver = async (): Promise<boolean> =>
    (await wallets.row(caller.operator, reserved.row))!.state !== walletState.reserved;
  if (answer.replayed && (await isOver())) return answer;
  await keepToken(platform, caller.operator, reserved, token);
  const kept = await keptToken(platform, caller.operator, reserved);
  void wallets.begin(caller.operator, caller.name, reserved, kept ?? token);
  return answer;
}

async function paid(answer: PotsAnswer, reserved: Reserved, call: Call, token: string): Promise<PotsAnswer> {
  const { platform, caller } = call;
  const wallets = walletsOf(platform);
  const working = answer.replayed
    ? again(wallets, reserved, call, token)
    : wallets.begin(caller.operator, caller.name, reserved, token);
  const waiting = new AbortController();
  const late = sleep<Settled>(WAIT_MS, { is: 'pending' }, { signal: waiting.signal }).catch((): Settled => ({
    is: 'pending',
  }));
  const found = await Promise.race([working, late]).finally(() => waiting.abort());
  if (found.is === 'contributed') return found.answer;
  if (found.is === 'pending') throw pending();
  if (found.cause === 'WalletError')
    throw new ApiError('WALLET_ERROR', 'the wallet has not paid: nothing was contributed', {
      details: { state: 'refused' },
    });
  throw rejected(reserved.data.parts[0]!.instance, found.cause);
}

const pending = (): ApiError =>
  new ApiError('WALLET_ERROR', 'pending; repeat with the same idempotency key', {
    details: { state: 'pending' },
    retryAfterMs: 1000,
  });

/** A repeated call: what has become of the first one. What was rejected is tried again. */
async function again(wallets: Wallets, first: Reserved, { platform, caller }: Call, token: string): Promise<Settled> {
  const { operator, name } = caller;
  const known = wallets.running(operator, first);
  if (known !== undefined) return known;
  let row = (await wallets.row(operator, first.row))!;
  if (row.state === walletState.cancelling) {
    await wallets.resume(operator, row);
    row = (await wallets.row(operator, first.row))!;
  }
  if (row.state !== walletState.rejected)
    return wallets.running(operator, row) ?? (await wallets.stateOf(operator, row));
  const reserved = await reserveAgain(platform, operator, first, row.debitId);
  return reserved === undefined ? { is: 'pending' } : wallets.begin(operator, name, reserved, token);
}

async function reserveAgain(
  platform: Platform,
  operator: OperatorNo,
  first: Reserved,
  debitId: string,
): Promise<Reserved | undefined> {
  const version = await chosenWallets(platform).get(operator);
  // What an HTTP wallet was to pay is not paid by the built-in ledger: the key was another payment's.
  if (version === undefined) throw rejected(first.data.parts[0]!.instance, 'WalletChanged');
  const wallet = { ...(await use(platform, operator, version)), row: first.row };
  for (let tries = 1; ; tries++) {
    const request = { ...(await resumed(platform, operator, first, tries > 1)), wallet };
    try {
      const options = taskOptions(operator, request.instances[0]!.id);
      return await platform.journal.run(reservingAgain, { request, debitId }, options);
    } catch (error) {
      if (!(error instanceof StaleVersionError) || tries === TRIES) throw error;
    }
  }
}
