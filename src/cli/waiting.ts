/**
 * `fetch` that tells a person how long an answer takes, from one second on. Where nobody watches, as in a pipe, it is silent.
 */
export function patientFetch(stderr: Pick<NodeJS.WriteStream, 'isTTY' | 'write'> = process.stderr): typeof fetch {
  if (stderr.isTTY !== true) return globalThis.fetch;
  let pending = 0;
  let seconds = 0;
  let timer: NodeJS.Timeout | undefined;
  const begin = () => {
    pending++;
    timer ??= setInterval(() => stderr.write(`\rWaiting for the server, ${++seconds} s`), 1000);
  };
  const end = () => {
    if (--pending > 0) return;
    clearInterval(timer);
    // The line is taken away again: what follows is the result.
    if (seconds > 0) stderr.write('\r\x1b[K');
    timer = undefined;
    seconds = 0;
  };
  return async (...request) => {
    begin();
    try {
      return await globalThis.fetch(...request);
    } finally {
      end();
    }
  };
}
