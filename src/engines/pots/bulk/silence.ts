import { ApiError } from '../../../kernel/index.ts';

/** The messages of a stream. Throws DEADLINE_EXCEEDED if the next one does not come within a time. */
export async function* unlessSilent<T>(messages: AsyncIterable<T>, ms: number): AsyncGenerator<T> {
  const iterator = messages[Symbol.asyncIterator]();
  for (;;) {
    const next = await withinTime(iterator.next(), ms);
    if (next.done === true) return;
    yield next.value;
  }
}

async function withinTime<T>(promise: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(silent(ms)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

const silent = (ms: number): ApiError =>
  new ApiError('DEADLINE_EXCEEDED', `nothing has arrived for ${ms / 1000} s; what was applied stays`);
