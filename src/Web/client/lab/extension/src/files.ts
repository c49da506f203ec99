// What the hub says of changed files on Jupyter's event stream, and which folders should be shown anew. Pure.
import { isRecord } from './executions';

export const contentsSchema = 'https://events.jupyter.org/jupyter_server/contents_service/v1';

/** The folders an event concerns: those its paths lie in, and the path itself, which may be a folder with many changes. Empty for events of other kinds. */
export function foldersOf(emission: unknown): readonly string[] {
  if (!isRecord(emission) || emission.schema_id !== contentsSchema) {
    return [];
  }
  const paths = [emission.path, emission.source_path].filter(path => typeof path === 'string');
  return [...new Set(paths.flatMap(path => [path, parentOf(path)]))];
}

/** `a/b` of `a/b/c.txt`; the home itself is empty. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** Where a folder is downloaded as a zip, from where a file of its name would be. */
export function archiveUrl(downloadUrl: string): string {
  return `${downloadUrl}${downloadUrl.includes('?') ? '&' : '?'}format=zip`;
}
