import {
  IconBook2,
  IconBoxMultiple,
  IconDatabase,
  IconFlask,
  IconGauge,
  IconRefresh,
  IconRoute,
  IconSitemap,
  IconTargetArrow,
} from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';

const PAGES = [
  { to: '/', label: 'Loop', Icon: IconRefresh },
  { to: '/data', label: 'Data', Icon: IconDatabase },
  { to: '/experiments', label: 'Experiments', Icon: IconFlask },
  { to: '/tuning', label: 'Tuning', Icon: IconTargetArrow },
  { to: '/pipelines', label: 'Pipelines', Icon: IconSitemap },
  { to: '/models', label: 'Models', Icon: IconBoxMultiple },
  { to: '/endpoints', label: 'Endpoints', Icon: IconRoute },
  { to: '/monitors', label: 'Monitors', Icon: IconGauge },
  { to: '/audit', label: 'Audit', Icon: IconBook2 },
] as const;

export function Navigation({ onFollow }: { readonly onFollow: () => void }) {
  return (
    <nav className="navigation" aria-label="Pages">
      <ul>
        {PAGES.map(({ to, label, Icon }) => (
          <li key={to}>
            <Link to={to} activeOptions={{ exact: to === '/' }} onClick={onFollow}>
              <Icon size={17} stroke={1.7} aria-hidden />
              {label}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
