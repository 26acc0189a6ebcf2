import { Link } from '../router.js';
import { usePageTitle } from '../ui/page-title.js';

export function NotFoundPage() {
  usePageTitle('Not found');
  return (
    <div className="empty">
      <h1 className="empty__title">There is no page here</h1>
      <p>The address may be mistyped, or the page has moved.</p>
      <Link className="button button--primary" to="/">
        All sensors
      </Link>
    </div>
  );
}
