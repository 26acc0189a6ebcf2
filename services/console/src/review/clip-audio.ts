/** The sound of an event, fetched with the key and decoded by the browser: an audio element could not send the key. */
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { ApiClient } from '../api/client.js';

export interface LoadedClip {
  readonly buffer: AudioBuffer;
  /** Seconds from the start of the clip. */
  readonly onsetS: number;
  readonly offsetS: number;
  /** Share of the clip that was heard, 0..1. */
  readonly covered: number;
}

let shared: AudioContext | null = null;
/** One for the page: browsers allow few. It may be suspended until the first key or click. */
const audioContext = (): AudioContext => (shared ??= new AudioContext());

async function loadClip(client: ApiClient, eventId: string, signal: AbortSignal): Promise<LoadedClip> {
  const { bytes, onsetS, offsetS, durationS, coveredS } = await client.clip(eventId, signal);
  const buffer = await audioContext().decodeAudioData(bytes);
  return { buffer, onsetS, offsetS, covered: durationS > 0 ? coveredS / durationS : 0 };
}

/** Plays one clip from its beginning; one at a time. */
export class ClipPlayer {
  private source: AudioBufferSourceNode | null = null;
  private startedS = 0;
  private readonly listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly isPlaying = (): boolean => this.source !== null;

  /** Seconds since the beginning; null while it is still. */
  positionS(): number | null {
    return this.source === null ? null : audioContext().currentTime - this.startedS;
  }

  play(buffer: AudioBuffer): void {
    this.stop();
    const context = audioContext();
    void context.resume();
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(context.destination);
    source.onended = () => {
      if (this.source === source) this.set(null);
    };
    source.start();
    this.startedS = context.currentTime;
    this.set(source);
  }

  stop(): void {
    const { source } = this;
    this.set(null);
    source?.stop();
    source?.disconnect();
  }

  private set(source: AudioBufferSourceNode | null): void {
    if (this.source === source) return;
    this.source = source;
    for (const listener of this.listeners) listener();
  }
}

export interface ClipState {
  readonly clip: LoadedClip | null;
  readonly error: unknown;
  readonly player: ClipPlayer;
  readonly isPlaying: boolean;
  readonly toggle: () => void;
  /** Asks for the clip again. */
  readonly retry: () => void;
}

interface Loaded {
  readonly eventId: string;
  readonly clip: LoadedClip | null;
  readonly error: unknown;
}

/** The clip of an event; another event stops the one before. `autoPlay` plays it once it is there. */
export function useClip(client: ApiClient, eventId: string, autoPlay: boolean): ClipState {
  const player = useMemo(() => new ClipPlayer(), []);
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const [round, setRound] = useState(0);
  const autoPlayRef = useRef(autoPlay);
  useEffect(() => {
    autoPlayRef.current = autoPlay;
  });
  useEffect(() => {
    const abort = new AbortController();
    loadClip(client, eventId, abort.signal).then(
      (clip) => {
        if (abort.signal.aborted) return;
        setLoaded({ eventId, clip, error: null });
        if (autoPlayRef.current) player.play(clip.buffer);
      },
      (error: unknown) => {
        if (!abort.signal.aborted) setLoaded({ eventId, clip: null, error });
      },
    );
    return () => {
      abort.abort();
      player.stop();
    };
  }, [client, eventId, player, round]);
  const isPlaying = useSyncExternalStore(player.subscribe, player.isPlaying);
  const fresh = loaded?.eventId === eventId ? loaded : null;
  const clip = fresh?.clip ?? null;
  const toggle = (): void => {
    if (player.isPlaying()) player.stop();
    else if (clip !== null) player.play(clip.buffer);
  };
  const retry = (): void => {
    setLoaded(null);
    setRound((value) => value + 1);
  };
  return { clip, error: fresh?.error ?? null, player, isPlaying, toggle, retry };
}
