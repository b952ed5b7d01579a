import './app/mantine.css';
import './app/styles.css';
import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { colorSchemeManager } from './app/color-scheme.ts';
import { queryClient } from './app/query-client.ts';
import { router } from './app/router.tsx';
import { theme, variables } from './app/theme.ts';
import { TokenGate } from './app/token-gate.tsx';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no element with the id "root"');

createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={variables}
      colorSchemeManager={colorSchemeManager}
      defaultColorScheme="auto"
    >
      <QueryClientProvider client={queryClient}>
        <TokenGate>
          <RouterProvider router={router} />
        </TokenGate>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
