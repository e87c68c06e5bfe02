export interface Answering<Request, Ready, Response> {
  readonly requests: AsyncIterable<Request>;
  /** The most that may be under way, in what `sizeOf` counts; one message may pass it. */
  readonly atMost: number;
  sizeOf(request: Request): number;
  /** Makes a message ready. The next one waits for it, so that messages are begun in their order. */
  prepare(request: Request): Ready | Promise<Ready>;
  answer(request: Request, ready: Ready): Promise<Response>;
}

/**
 * Answers the messages of a stream in their order, while it works on those that follow. It reads no more while too much is
 * under way: so a client that does not take its answers is held back, and not kept in memory. A stream that breaks has what
 * came before answered first.
 */
export async function* answerAhead<Request, Ready, Response>({
  requests,
  atMost,
  sizeOf,
  prepare,
  answer,
}: Answering<Request, Ready, Response>): AsyncGenerator<Response> {
  const working: { readonly size: number; readonly response: Promise<Response> }[] = [];
  let under = 0;
  let reading = true;
  let failure: { readonly error: unknown } | undefined;
  let wakeWriter = (): void => undefined;
  let wakeReader = (): void => undefined;
  const read = async (): Promise<void> => {
    try {
      for await (const request of requests) {
        const preparing = prepare(request);
        const ready = preparing instanceof Promise ? await preparing : preparing;
        const [size, response] = [sizeOf(request), answer(request, ready)];
        // It is awaited in its turn; until then nobody listens.
        response.catch(() => undefined);
        working.push({ size, response });
        under += size;
        wakeWriter();
        if (under >= atMost)
          await new Promise<void>((resolve) => {
            wakeReader = resolve;
          });
        if (!reading) return;
      }
    } catch (error) {
      failure = { error };
    }
    reading = false;
    wakeWriter();
  };
  void read();
  try {
    while (reading || working.length > 0) {
      const first = working.shift();
      if (first === undefined) {
        await new Promise<void>((resolve) => {
          wakeWriter = resolve;
        });
        continue;
      }
      yield await first.response;
      under -= first.size;
      if (under < atMost) wakeReader();
    }
    if (failure !== undefined) throw failure.error;
  } finally {
    reading = false;
    wakeReader();
  }
}
