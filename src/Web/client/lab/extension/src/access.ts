// Whether this page may still use the server it is of. Pure.

/** What a page that is refused says, and null for one that is not, or that cannot know. */
export function refusedText(ofServer: number | null, ofHub: number | null, owner: string): string | null {
  if (ofServer !== 401 && ofServer !== 403 && ofServer !== 404) {
    return null;
  }
  if (ofHub === 401 || ofHub === 403) {
    return 'You are signed out. Sign in again in another tab, then this page goes on; what you change meanwhile is not saved.';
  }
  return ofHub === 200 ? `You have no access to the notebooks of ${owner} any more. What you change here is not saved; you can close this tab.` : null;
}

/** Whether the hub refused to say how a kernel is, which says nothing about the kernel. */
export function isKernelRefused(method: string, url: string, status: number): boolean {
  return method === 'GET' && (status === 401 || status === 403) && /\/api\/kernels\/[^/?#]+([?#]|$)/.test(url);
}
