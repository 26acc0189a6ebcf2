import { useState } from 'react';
import { CopyIcon } from './icons.js';

/** Says when it is done; where the clipboard is forbidden it says that too. */
export function CopyButton({ text, label }: { readonly text: string; readonly label: string }) {
  const [result, setResult] = useState<'copied' | 'failed' | null>(null);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setResult('copied');
    } catch {
      setResult('failed');
    }
    window.setTimeout(() => setResult(null), 2500);
  };
  return (
    <button type="button" className="button" onClick={() => void copy()}>
      <CopyIcon />
      <span aria-live="polite">
        {result === 'copied' ? 'Copied' : result === 'failed' ? 'Select and copy by hand' : label}
      </span>
    </button>
  );
}
