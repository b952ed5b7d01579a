/** What the demo tells while it runs: a line a stage, with the seconds since the start. */
export interface Story {
  /** A stage begins. */
  stage(title: string): void;
  /** A finding within the stage. */
  tell(line: string): void;
  /** A line that replaces the last one where the terminal can; for what moves. */
  moving(line: string): void;
}

export function createStory(write: (text: string) => void, isTerminal: boolean): Story {
  const startedMs = performance.now();
  let number = 0;
  let open = false;
  const seconds = () => `${((performance.now() - startedMs) / 1000).toFixed(1).padStart(6)} s`;
  const line = (text: string) => {
    if (open) write('\n');
    open = false;
    write(`${text}\n`);
  };
  return {
    stage: (title) => line(`${seconds()}  ${String(++number)}. ${title}`),
    tell: (text) => line(`             ${text}`),
    moving(text) {
      if (!isTerminal) return;
      write(`\r\x1b[K             ${text}`);
      open = true;
    },
  };
}
