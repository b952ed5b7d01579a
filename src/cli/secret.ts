import { createInterface } from 'node:readline';
import type { Command } from 'commander';

/**
 * A password: asked for without showing it where a person sits at the terminal, else the first line of the input. It is
 * never an argument, which every user of the machine can read.
 */
export async function readSecret(prompt: string, command: Command): Promise<string> {
  const secret = process.stdin.isTTY ? await askHidden(prompt, command) : await firstLine();
  if (secret === '') command.error('error: no password was given; type it, or pipe it in');
  return secret;
}

async function firstLine(): Promise<string> {
  const lines = createInterface({ input: process.stdin });
  for await (const line of lines) {
    lines.close();
    return line;
  }
  return '';
}

function askHidden(prompt: string, command: Command): Promise<string> {
  const { stdin, stderr } = process;
  stderr.write(prompt);
  stdin.setRawMode(true);
  stdin.resume();
  return new Promise((resolve) => {
    let typed = '';
    const end = (secret: string | undefined) => {
      stdin.setRawMode(false);
      stdin.pause();
      stdin.off('data', take);
      stderr.write('\n');
      if (secret === undefined) command.error('error: given up');
      else resolve(secret);
    };
    const take = (bytes: Buffer) => {
      for (const sign of bytes.toString('utf8')) {
        if (sign === '\r' || sign === '\n') return end(typed);
        if (sign === '\u0003' || sign === '\u0004') return end(undefined);
        typed = sign === '\u007f' || sign === '\b' ? [...typed].slice(0, -1).join('') : typed + sign;
      }
    };
    stdin.on('data', take);
  });
}
