import type { SubmitEvent } from 'react';
import { useEffect, useRef, useState } from 'react';
import { errorText, keyIsValid } from '../../api/client.js';
import { Field } from '../../ui/field.js';
import { LogoMark } from '../../ui/icons.js';
import { usePageTitle } from '../../ui/page-title.js';

interface SignInPageProps {
  /** The key in use was refused by the api. */
  readonly refused: boolean;
  readonly onSignIn: (key: string) => void;
}

const REFUSED = 'The api does not know this key. Copy the whole of it, from “ek_” to the end.';

export function SignInPage({ refused, onSignIn }: SignInPageProps) {
  usePageTitle('Sign in');
  const [key, setKey] = useState('');
  const [error, setError] = useState<string | null>(refused ? REFUSED : null);
  const [checking, setChecking] = useState(false);
  const input = useRef<HTMLInputElement>(null);

  useEffect(() => input.current?.focus(), []);

  const submit = async (): Promise<void> => {
    const typed = keyOf(key);
    if (typed === '') {
      setError('Paste the key first.');
      return;
    }
    setChecking(true);
    setError(null);
    try {
      if (await keyIsValid(typed)) {
        onSignIn(typed);
        return;
      }
      setError(REFUSED);
    } catch (failure) {
      setError(errorText(failure));
    }
    setChecking(false);
    input.current?.focus();
  };

  return (
    <main className="sign-in">
      <form
        className="sign-in__card"
        data-testid="sign-in"
        noValidate
        onSubmit={(event: SubmitEvent) => {
          event.preventDefault();
          void submit();
        }}
      >
        <div className="brand brand--large">
          <LogoMark />
          <span className="brand__name">Earshot</span>
        </div>
        <h1>Sign in with an API key</h1>
        <Field label="API key" error={error}>
          {(id, describedBy) => (
            <input
              ref={input}
              id={id}
              className="input mono"
              type="password"
              name="key"
              autoComplete="current-password"
              spellCheck={false}
              placeholder="ek_…"
              value={key}
              aria-describedby={describedBy}
              aria-invalid={error !== null}
              onChange={(event) => setKey(event.target.value)}
            />
          )}
        </Field>
        <div aria-live="polite" className="visually-hidden">
          {error}
        </div>
        <button type="submit" className="button button--primary button--wide" disabled={checking}>
          {checking ? 'Checking…' : 'Sign in'}
        </button>
        <section className="sign-in__help" aria-labelledby="where">
          <h2 id="where">Where is my key?</h2>
          <p>
            <code>npm start</code> prints a link that signs you in. To see it again:
          </p>
          <pre className="code">npm run status</pre>
          <p>On a shared installation, ask its operator for a key with scope “read”.</p>
        </section>
      </form>
    </main>
  );
}

/** The whole link may be pasted as well as the key in it. */
function keyOf(text: string): string {
  const match = /#key=([^&\s]+)/.exec(text);
  return (match?.[1] ?? text).trim();
}
