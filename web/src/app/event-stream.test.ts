import { describe, expect, it } from 'vitest';
import { parseBlock, readEvents } from './event-stream.ts';

function streamOf(...pieces: readonly string[]): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(encoder.encode(piece));
      controller.close();
    },
  });
}

async function eventsOf(...pieces: readonly string[]) {
  return Array.fromAsync(readEvents(streamOf(...pieces), new AbortController().signal));
}

describe('the event stream', () => {
  it('reads events however the bytes are cut', async () => {
    const text = 'event: registry.alias.moved\ndata: {"subject":"é"}\n\nevent: a.b\ndata: 1\n\n';
    const whole = await eventsOf(text);
    expect(whole).toEqual([
      { event: 'registry.alias.moved', data: '{"subject":"é"}' },
      { event: 'a.b', data: '1' },
    ]);
    for (let cut = 1; cut < text.length; cut++) {
      expect(await eventsOf(text.slice(0, cut), text.slice(cut))).toEqual(whole);
    }
  });

  it('ignores heartbeats and an event that was cut off', async () => {
    expect(await eventsOf(': still here\n\n', 'event: x\ndata: half')).toEqual([]);
  });

  it('joins several lines of data', () => {
    expect(parseBlock('data: one\ndata: two')).toEqual({ event: 'message', data: 'one\ntwo' });
  });

  it('ends when told to stop', async () => {
    const stop = new AbortController();
    const endless = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => undefined) });
    setTimeout(() => stop.abort(), 5);
    expect(await Array.fromAsync(readEvents(endless, stop.signal))).toEqual([]);
  });
});
