import { useCallback, useEffect, useState } from 'react';
import { forgetKey, rememberKey, storedKey, takeKeyFromAddress } from './api/key.js';
import { AlertsPage } from './pages/alerts/alerts-page.js';
import { EventsPage } from './pages/events/events-page.js';
import { ModelsPage } from './pages/models/models-page.js';
import { NotFoundPage } from './pages/not-found-page.js';
import { OverviewPage } from './pages/overview/overview-page.js';
import { ReviewPage } from './pages/review/review-page.js';
import { SensorPage } from './pages/sensor/sensor-page.js';
import { SignInPage } from './pages/sign-in/sign-in-page.js';
import { useLocation } from './router.js';
import { SessionProvider } from './session.js';
import { Shell } from './shell.js';
import { useTheme } from './theme.js';

export function App() {
  useTheme();
  const [key, setKey] = useState<string | null>(() => takeKeyFromAddress() ?? storedKey());
  const [refused, setRefused] = useState(false);

  useEffect(() => {
    // A link with another key opened in the same tab.
    const take = (): void => {
      const taken = takeKeyFromAddress();
      if (taken !== null) setKey(taken);
    };
    window.addEventListener('hashchange', take);
    return () => window.removeEventListener('hashchange', take);
  }, []);

  const leave = useCallback(() => {
    forgetKey();
    setKey(null);
    setRefused(false);
  }, []);
  const refuse = useCallback(() => {
    forgetKey();
    setKey(null);
    setRefused(true);
  }, []);

  if (key === null) {
    const signIn = (newKey: string): void => {
      rememberKey(newKey);
      setRefused(false);
      setKey(newKey);
    };
    return <SignInPage refused={refused} onSignIn={signIn} />;
  }
  return (
    <SessionProvider key={key} apiKey={key} onSignOut={leave} onRefused={refuse}>
      <Shell>
        <CurrentPage />
      </Shell>
    </SessionProvider>
  );
}

function CurrentPage() {
  const { route } = useLocation();
  switch (route.page) {
    case 'overview':
      return <OverviewPage />;
    case 'sensor':
      return <SensorPage key={route.id} id={route.id} />;
    case 'events':
      return <EventsPage />;
    case 'alerts':
      return <AlertsPage />;
    case 'models':
      return <ModelsPage />;
    case 'review':
      return <ReviewPage />;
    case 'unknown':
      return <NotFoundPage />;
  }
}
