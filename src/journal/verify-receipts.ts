import { ApiError, rootOf, type OperatorNo } from '../kernel/index.ts';
import type { Fact, FactPlace } from './fact.ts';
import { readFact } from './operation.ts';
import { pages, type Query } from './pages.ts';
import { receiptText } from './receipt.ts';
import type { Register } from './register.ts';

/** What receipts are checked with. */
export interface ReceiptAudit {
  /** The numbers of the kinds of facts that may contain a draw. */
  readonly kinds: readonly number[];
  /** The name that receipts have of an operator. */
  nameOf(operator: OperatorNo): string | Promise<string>;
  /** A key that receipts are signed with; undefined: there is none of this id. */
  key(id: string): AuditKey | undefined;
  /** The digests of the records of a fact's draws, made from the fact again: 64 hex digits each. */
  digestsOf(operator: OperatorNo, fact: Fact, place: FactPlace): Promise<readonly string[]>;
}

/** A key that receipts are signed with. */
export interface AuditKey {
  /** Whether receipts of a time may be signed with it: microseconds since 1970. */
  isUsedAt(time: number): boolean;
  hasSigned(message: string, signature: Buffer): boolean;
}

/** What is checked, and where differences go. */
interface Checking {
  readonly query: Query;
  readonly register: Register;
  readonly operator: OperatorNo;
  readonly audit: ReceiptAudit;
  note(difference: string): unknown;
}

const RECEIPTS =
  "select r.tx, (extract(epoch from r.time) * 1000000)::int8, r.epoch, r.key_id, encode(r.leaves, 'hex'), " +
  "encode(r.root, 'hex'), encode(r.signature, 'hex') from receipt r where r.operator_id = $1 order by r.tx";
const DRAWN =
  'select j.tx, (extract(epoch from j.time) * 1000000)::int8, j.operation_id, j.part, j.kind, j.version, ' +
  "j.aggregate_id, encode(j.fact, 'hex') from journal j where j.operator_id = $1 and j.kind = any($2::int2[]) " +
  'order by j.tx, j.operation_id, j.part';

/** How many rows are read at once: a receipt can have 32 kB of leaves, as text. */
const PAGE = 250;
/** How many draws are proved at once. */
const DRAWS = 500;

/** A transaction: its receipt, if it has one, and its facts that may contain draws, in order. */
interface Batch {
  readonly tx: number;
  readonly receipt: readonly string[] | undefined;
  readonly facts: readonly (readonly string[])[];
}

/**
 * Checks each receipt of an operator: its root against its leaves, its leaves against the records of the draws of its
 * transaction, which are made from the facts again, its signature, and the time of its key. Notes draws without a
 * receipt, too. Receipts and facts are read side by side, in the order of their transactions; no more of them are in
 * memory than two pages and one round of proofs. Returns what was checked.
 */
export async function checkReceipts(checking: Checking): Promise<{ receipts: number; draws: number }> {
  const { query, operator, audit } = checking;
  const receipts = pages(query, 'receipts', RECEIPTS, [operator], PAGE);
  const facts = pages(query, 'drawn', DRAWN, [operator, `{${audit.kinds.join()}}`], PAGE);
  const checked = { receipts: 0, draws: 0 };
  let round: Batch[] = [];
  let size = 0;
  const finish = async (): Promise<void> => {
    const name = await audit.nameOf(operator);
    const draws = await Promise.all(round.map((batch) => checkBatch(checking, name, batch)));
    for (const count of draws) checked.draws += count;
    [round, size] = [[], 0];
  };
  for await (const batch of batches(receipts, facts)) {
    if (batch.receipt !== undefined) checked.receipts += 1;
    round.push(batch);
    size += 1 + batch.facts.length;
    if (size >= DRAWS) await finish();
  }
  await finish();
  return checked;
}

/** Joins receipts and facts, both in the order of their transactions. */
async function* batches(
  receipts: AsyncGenerator<readonly string[]>,
  facts: AsyncGenerator<readonly string[]>,
): AsyncGenerator<Batch> {
  const txOf = ({ value, done }: IteratorResult<readonly string[], undefined>): number =>
    done === true ? Infinity : Number(value[0]);
  let [receipt, fact] = [await receipts.next(), await facts.next()];
  for (;;) {
    const tx = Math.min(txOf(receipt), txOf(fact));
    if (tx === Infinity) return;
    const own = txOf(receipt) === tx ? (receipt.value as readonly string[]) : undefined;
    if (own !== undefined) receipt = await receipts.next();
    const drawn: (readonly string[])[] = [];
    for (; txOf(fact) === tx; fact = await facts.next()) drawn.push(fact.value as readonly string[]);
    yield { tx, receipt: own, facts: drawn };
  }
}

interface ProvedDraw {
  readonly operation: string;
  readonly time: string;
  readonly digest: string;
}

/** Checks one transaction. Returns how many draws it has. */
async function checkBatch(checking: Checking, name: string, { tx, receipt, facts }: Batch): Promise<number> {
  const draws = (await Promise.all(facts.map((fact) => proved(checking, name, fact)))).flat();
  if (receipt === undefined) {
    for (const { operation } of draws) checking.note(`operation ${operation} has drawn, but ${tx} has no receipt`);
  } else {
    const note = (difference: string): unknown => checking.note(`receipt ${tx}: ${difference}`);
    checkSignature(checking.audit, name, receipt, note);
    checkLeaves(receipt, draws, note);
  }
  return draws.length;
}

/** The draws of a fact. One that cannot be proved has no digest. */
async function proved(
  { register, operator, audit, note }: Checking,
  name: string,
  [, time, operation, part, kind, version, aggregate, data]: readonly string[],
): Promise<ProvedDraw[]> {
  const place = { operator: name, operation: operation!, part: Number(part), time: Number(time) };
  try {
    const columns = { kind: kind!, version: version!, aggregate: aggregate!, transfers: '{}' };
    const fact = readFact(register, { ...columns, fact: Buffer.from(data!, 'hex') });
    const digests = await audit.digestsOf(operator, fact, place);
    return digests.map((digest) => ({ digest, operation: operation!, time: time! }));
  } catch (error) {
    // The database has stopped answering: that is no difference.
    if (error instanceof ApiError) throw error;
    note(`operation ${operation}: its draw cannot be proved: ${(error as Error).message}`);
    return [{ digest: '', operation: operation!, time: time! }];
  }
}

function checkSignature(
  audit: ReceiptAudit,
  operator: string,
  [, time, epoch, keyId, leaves, root, signature]: readonly string[],
  note: (difference: string) => unknown,
): void {
  const key = audit.key(keyId!);
  if (key === undefined) return void note(`there is no key ${keyId}`);
  const size = leaves!.length / 64;
  const head = { operator, size, epoch: Number(epoch), time: Number(time), root: Buffer.from(root!, 'hex') };
  if (!key.hasSigned(receiptText(head), Buffer.from(signature!, 'hex'))) note(`it is not signed with key ${keyId}`);
  if (!key.isUsedAt(Number(time))) note(`key ${keyId} was not used at its time`);
}

function checkLeaves(
  [, time, , , leaves, root]: readonly string[],
  draws: readonly ProvedDraw[],
  note: (difference: string) => unknown,
): void {
  const bytes = Buffer.from(leaves!, 'hex');
  const whole = bytes.length > 0 && bytes.length % 32 === 0;
  if (!whole || rootOf(bytes).toString('hex') !== root) note('its root does not follow from its leaves');
  const size = Math.floor(bytes.length / 32);
  if (draws.length !== size) note(`it has ${size} leaves, but the journal has ${draws.length} draws of it`);
  draws.slice(0, size).forEach(({ operation, digest }, i) => {
    const is = leaves!.slice(64 * i, 64 * i + 64);
    if (digest !== is) note(`its leaf ${i} is not that of the record of operation ${operation}`);
  });
  if (draws.some((draw) => draw.time !== time)) note('its time is not that of its draws');
}
