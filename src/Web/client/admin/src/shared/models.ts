/** What the hub sends: see KernelRow, ServerRow, RowChanges and Overview of the hub's room Admin. */

export interface KernelRow {
  readonly id: string;
  readonly user: string;
  readonly kind: string;
  readonly path: string;
  readonly state: string;
  readonly busy_since: string | null;
  readonly busy_for: string | null;
  readonly cell: number;
  readonly of: number;
  readonly tabs: number;
  readonly last_activity: string;
  readonly memory: number | null;
  readonly memory_limit: number | null;
  readonly cpu: number | null;
  readonly reason: string | null;
  readonly failed: boolean;
  /** Which of the user's servers it is of; empty for the default one. */
  readonly server: string;
}

/** A started server with what its kernels come to. */
export interface ServerRow {
  readonly id: string;
  readonly user: string;
  /** Empty for the default server. */
  readonly name: string;
  readonly state: string;
  readonly started: string;
  readonly last_activity: string;
  readonly kernels: number;
  readonly busy: number;
  readonly tabs: number;
  readonly memory: number | null;
  readonly memory_limit: number | null;
  readonly cpu: number | null;
}

/** What kernels can be started in; see EnvironmentRow of the hub. */
export interface EnvironmentRow {
  readonly id: string;
  readonly display_name: string;
  readonly language: string;
  readonly origin: 'configuration' | 'installed' | 'panel';
  readonly state: 'unknown' | 'preparing' | 'ready' | 'broken' | 'off';
  readonly percent: number;
  readonly message: string;
  readonly image: string | null;
  readonly image_id: string | null;
  readonly pinned: boolean;
  /** The tag stands for another image than the one that is pinned. */
  readonly moved: boolean;
  readonly groups: readonly string[];
  readonly network: string | null;
  readonly gpus: string | null;
  readonly mounts: number;
  readonly memory_bytes: number | null;
  readonly cpus: number | null;
  readonly processes: number | null;
  readonly open_files: number | null;
  readonly shared_memory_bytes: number | null;
  readonly temporary_bytes: number | null;
}

/** Settings of an environment that was made in the panel; as one entry of Kernels:Specs. */
export interface EnvironmentSettings {
  readonly enabled: boolean;
  readonly display_name: string;
  readonly language: string;
  readonly image: string;
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly interrupt_mode: string;
  readonly groups: readonly string[];
  readonly mounts: readonly { readonly source: string; readonly target: string; readonly read_only: boolean }[];
  readonly network: string;
  readonly gpus: string;
  readonly memory_bytes: number | null;
  readonly cpus: number | null;
  readonly processes: number | null;
  readonly open_files: number | null;
  readonly shared_memory_bytes: number | null;
  readonly temporary_bytes: number | null;
  readonly idle_after: string | null;
  readonly longest_run: string | null;
  readonly pool: number;
}

export interface EnvironmentDetails extends EnvironmentRow {
  readonly pin: boolean | null;
  readonly settings: EnvironmentSettings | null;
}

/** One student on the wall of a class; see WallTile of the hub. */
export interface WallTile {
  readonly user: string;
  readonly name: string;
  readonly state: string;
  readonly notebook: string | null;
  readonly busy_since: string | null;
  readonly last_activity: string | null;
  readonly hand: string | null;
  readonly kernels: number;
  readonly reason: string | null;
}

export interface WallChanges {
  readonly class_id: number;
  readonly whole: boolean;
  readonly tiles: readonly WallTile[];
  readonly gone: readonly string[];
}

/** A class as the hub's API has it, as far as the panel shows it. */
export interface ClassInfo {
  readonly id: number;
  readonly name: string;
  readonly teachers: readonly string[];
  readonly students: number;
  readonly capacity: number;
  readonly opens: string | null;
  readonly closes: string | null;
  readonly ended: string | null;
  readonly code?: { readonly code: string; readonly good: boolean };
}

export interface Failure {
  readonly at: string;
  readonly user: string;
  readonly path: string;
  readonly kind: string;
  readonly cause: string;
  readonly message: string;
}

export interface Overview {
  readonly at: string;
  readonly since: string;
  readonly signed_in: number;
  readonly users: number;
  readonly servers: number;
  readonly kernels: Readonly<Record<string, number>>;
  readonly tabs: number;
  readonly hub_memory: number;
  readonly hub_cpu: number;
  readonly kernel_memory: number | null;
  readonly kernel_cpu: number | null;
  readonly measured: number;
  readonly starts: readonly number[];
  readonly waiting: number;
  readonly wait_seconds: number | null;
  readonly is_full: boolean;
  readonly free_memory: number | null;
  readonly failures: readonly Failure[];
  readonly spawner: string;
}

export interface UserRow {
  readonly name: string;
  readonly display_name: string;
  readonly admin: boolean;
  readonly disabled: boolean | null;
  readonly created: string | null;
  readonly last_activity: string | null;
  readonly server: string | null;
  readonly kernels: number | null;
}

export interface UserPage {
  readonly items: readonly UserRow[];
  readonly offset: number;
  readonly limit: number;
  readonly total: number;
}

export interface AuditRecord {
  readonly number: number;
  readonly at: string;
  readonly kind: string;
  readonly by: string;
  readonly user: string;
  readonly detail: unknown;
}

export interface Setting {
  readonly key: string;
  readonly value: string;
  readonly changed: boolean;
  readonly meaning: string;
}
