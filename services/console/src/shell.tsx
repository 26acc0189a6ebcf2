/** The frame around every page: skip link, navigation, state of the feed, zone, theme, announcements. */
import type { ReactNode } from 'react';
import { useEffect, useRef } from 'react';
import { openAlerts } from './live/selectors.js';
import { viewerTimeZone, zoneText } from './lib/time.js';
import { Link, useLocation } from './router.js';
import { useLiveVersion, useSession } from './session.js';
import { chooseTheme, useTheme } from './theme.js';
import { AlertAnnouncer } from './ui/alert-announcer.js';
import { ConnectionMark } from './ui/connection-mark.js';
import { useNow } from './ui/use-now.js';
import { ExitIcon, LogoMark, MoonIcon, SunIcon } from './ui/icons.js';

const PAGES = [
  { to: '/', name: 'Sensors', pages: ['overview', 'sensor'] },
  { to: '/events', name: 'Events', pages: ['events'] },
  { to: '/review', name: 'Review', pages: ['review'] },
  { to: '/alerts', name: 'Alerts', pages: ['alerts'] },
  { to: '/models', name: 'Models', pages: ['models'] },
] as const;

export function Shell({ children }: { readonly children: ReactNode }) {
  const { route, path } = useLocation();
  const { store, signOut } = useSession();
  useLiveVersion();
  const theme = useTheme();
  const nowMs = useNow(60_000);
  const main = useRef<HTMLElement>(null);
  const firstPath = useRef(path);
  const alertCount = openAlerts(store.sensors.values()).length;

  useEffect(() => {
    // A new page takes the focus, as a document would; not the first one.
    if (firstPath.current === path) return;
    firstPath.current = '';
    main.current?.focus({ preventScroll: true });
  }, [path]);

  return (
    <>
      <a className="skip-link" href="#content">
        Skip to content
      </a>
      <header className="topbar">
        <div className="topbar__inner">
          <Link className="brand" to="/" aria-label="Earshot, all sensors">
            <LogoMark />
            <span className="brand__name">Earshot</span>
          </Link>
          <nav className="nav" aria-label="Pages">
            {PAGES.map(({ to, name, pages }) => (
              <Link
                key={to}
                to={to}
                className="nav__link"
                aria-current={(pages as readonly string[]).includes(route.page) ? 'page' : undefined}
              >
                {name}
                {to === '/alerts' && alertCount > 0 ? (
                  <span className="nav__count" aria-label={`${alertCount} active`}>
                    {alertCount}
                  </span>
                ) : null}
              </Link>
            ))}
          </nav>
          <div className="topbar__end">
            <span className="zone" title="All times are in this zone">
              {zoneText(viewerTimeZone(), nowMs)}
            </span>
            <ConnectionMark />
            <button
              type="button"
              className="button button--quiet button--icon"
              aria-label={theme === 'dark' ? 'Switch to light theme' : 'Switch to dark theme'}
              title={theme === 'dark' ? 'Light theme' : 'Dark theme'}
              onClick={() => chooseTheme(theme === 'dark' ? 'light' : 'dark')}
            >
              {theme === 'dark' ? <SunIcon /> : <MoonIcon />}
            </button>
            <button
              type="button"
              className="button button--quiet button--icon"
              aria-label="Sign out"
              title="Sign out"
              onClick={signOut}
            >
              <ExitIcon />
            </button>
          </div>
        </div>
      </header>
      <main id="content" ref={main} tabIndex={-1}>
        {children}
      </main>
      <footer className="foot">All times: {zoneText(viewerTimeZone(), nowMs)}</footer>
      <AlertAnnouncer />
    </>
  );
}
