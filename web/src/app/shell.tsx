import { AppShell, Burger } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import { useLiveUpdates } from './live.ts';
import { Navigation } from './navigation.tsx';
import { ServerFacts } from './server-facts.tsx';
import { ThemeSwitch } from './theme-switch.tsx';

/** What surrounds every page: navigation on the left, folded into a menu on phones. */
export function Shell() {
  const [opened, menu] = useDisclosure(false);
  const connection = useLiveUpdates();
  const content = useFocusAfterNavigation();
  const burger = useRef<HTMLButtonElement>(null);
  const closeOnEscape = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !opened) return;
    menu.close();
    burger.current?.focus();
  };
  return (
    <>
      <a className="skip-link" href="#content">
        Skip to the content
      </a>
      <AppShell
        header={{ height: { base: 52, sm: 0 } }}
        navbar={{ width: 208, breakpoint: 'sm', collapsed: { mobile: !opened } }}
        transitionDuration={0}
      >
        <AppShell.Header
          hiddenFrom="sm"
          px={14}
          style={{ display: 'flex', alignItems: 'center', justifyContent: 'space-between' }}
        >
          <Brand onFollow={menu.close} />
          <Burger
            ref={burger}
            opened={opened}
            onClick={menu.toggle}
            onKeyDown={closeOnEscape}
            size="sm"
            aria-label="Menu"
            aria-expanded={opened}
          />
        </AppShell.Header>
        <AppShell.Navbar
          p={14}
          style={{ gap: 20, background: 'var(--surface)' }}
          aria-label="Navigation"
          data-closed={!opened || undefined}
          className="navbar"
          onKeyDown={closeOnEscape}
        >
          <div className="mantine-visible-from-sm">
            <Brand onFollow={menu.close} />
          </div>
          <Navigation onFollow={menu.close} />
          <div style={{ marginTop: 'auto', display: 'grid', gap: 12 }}>
            <ServerFacts connection={connection} />
            <ThemeSwitch />
          </div>
        </AppShell.Navbar>
        <AppShell.Main id="content" ref={content} tabIndex={-1} style={{ outline: 'none' }}>
          <Outlet />
        </AppShell.Main>
      </AppShell>
    </>
  );
}

function Brand({ onFollow }: { readonly onFollow: () => void }) {
  return (
    <Link to="/" className="brand" onClick={onFollow}>
      <img src="/favicon.svg" alt="" />
      Trimtab
    </Link>
  );
}

/** After a page change the keyboard continues at the content, not in the navigation of the page before. */
function useFocusAfterNavigation() {
  const content = useRef<HTMLElement>(null);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const before = useRef(path);
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    content.current?.focus({ preventScroll: true });
  }, [path]);
  return content;
}
