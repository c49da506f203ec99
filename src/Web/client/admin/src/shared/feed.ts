import { HubConnectionBuilder, LogLevel, type HubConnection } from '@microsoft/signalr';
import type { Place } from './hubApi';
import type { EnvironmentRow, KernelRow, Overview, ServerRow, WallChanges } from './models';
import type { RowChanges } from './rows';
import type { Event } from './store';

/** What of the hub a page is told about. */
export type Watched = 'WatchNavigation' | 'WatchOverview' | 'WatchKernels' | 'WatchServers' | 'WatchEnvironments' | 'WatchWall';

/**
 * The live line. It is mended by itself for as long as the page is open, by whatever transport gets through (WebSocket, server-sent events, long
 * polling), and after each mending the hub tells everything anew.
 */
export function follow(place: Place, method: Watched, happened: (event: Event) => void, ...about: readonly number[]): void {
  const line: HubConnection = new HubConnectionBuilder()
    .withUrl(`${place.base}hub/admin/feed`, { headers: { 'X-XSRFToken': place.xsrf } })
    .withAutomaticReconnect({ nextRetryDelayInMilliseconds: context => pause(context.previousRetryCount) })
    .configureLogging(LogLevel.None)
    .build();
  line.on('Overview', (overview: Overview) => happened({ kind: 'overview', overview }));
  line.on('Kernels', (changes: RowChanges<KernelRow>) => happened({ kind: 'kernels', changes }));
  line.on('Servers', (changes: RowChanges<ServerRow>) => happened({ kind: 'servers', changes }));
  line.on('Environments', (changes: RowChanges<EnvironmentRow>) => happened({ kind: 'environments', changes }));
  line.on('Wall', (changes: WallChanges) => happened({ kind: 'wall', changes }));
  line.on('Waiting', (count: number) => happened({ kind: 'waiting', count }));
  const watch = async (): Promise<void> => {
    const refusal = await line.invoke<string | null>(method, ...about);
    if (typeof refusal === 'string') {
      throw new Error(refusal);
    }
    happened({ kind: 'line', line: 'live' });
  };
  let beginning = false;
  const begin = async (): Promise<void> => {
    if (beginning) {
      return;
    }
    beginning = true;
    for (let tries = 0; ; tries++) {
      try {
        await line.start();
        await watch();
        beginning = false;
        return;
      } catch {
        happened({ kind: 'line', line: 'away' });
        await line.stop();
        await new Promise(resolve => setTimeout(resolve, pause(tries)));
      }
    }
  };
  line.onreconnecting(() => happened({ kind: 'line', line: 'away' }));
  line.onreconnected(() => void watch().catch(() => line.stop()));
  line.onclose(() => {
    happened({ kind: 'line', line: 'away' });
    setTimeout(() => void begin(), pause(1));
  });
  void begin();
}

/** Soon at first, then every ten seconds; never quite at the same time as all other pages. */
function pause(tries: number): number {
  return Math.min(10_000, 500 * 2 ** Math.min(tries, 5)) * (0.75 + Math.random() / 2);
}
