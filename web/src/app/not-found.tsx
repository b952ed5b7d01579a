import { Link } from '@tanstack/react-router';
import { Page } from '../parts/page.tsx';

export function NotFound() {
  return (
    <Page title="No such page" lede="Nothing lives at this address.">
      <p>
        <Link to="/">Go to the loop</Link>, or choose a page from the navigation.
      </p>
    </Page>
  );
}
