export interface PipelineOptions<Request, Prepared, Response> {
  readonly requests: AsyncIterable<Request>;
  /** The maximum that may be in progress, in the unit of `sizeOf`; one message may exceed it. */
  readonly atMost: number;
  sizeOf(request: Request): number;
  /** Prepares a message. The next one waits for it, so that messages start in order. */
  prepare(request: Request): Prepared | Promise<Prepared>;
  answer(request: Request, ready: Prepared): Promise<Response>;
}

/**
 * Answers the messages of a stream in order, while it already processes later ones. It stops reading while too much is
 * in progress: this is backpressure for a client that does not read its responses, and bounds memory. If the stream
 * fails, the messages before the failure are answered first.
 */
export async function* answerAhead<Request, Prepared, Response>({
  requests,
  atMost,
  sizeOf,
  prepare,
  answer,
}: PipelineOptions<Request, Prepared, Response>): AsyncGenerator<Response> {
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
        // It is awaited later, in order; until then a rejection must not count as unhandled.
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
