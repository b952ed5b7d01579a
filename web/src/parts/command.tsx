import { ActionIcon, CopyButton } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';

/** A command or snippet to copy. */
export function Command({ text }: { readonly text: string }) {
  return (
    <div className="command">
      <pre>{text}</pre>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <ActionIcon variant="subtle" color="gray" onClick={copy} aria-label={copied ? 'Copied' : 'Copy'}>
            {copied ? <IconCheck size={15} aria-hidden /> : <IconCopy size={15} aria-hidden />}
          </ActionIcon>
        )}
      </CopyButton>
    </div>
  );
}
