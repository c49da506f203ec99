// What Notebook Hub adds to JupyterLab and Notebook.
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { accessPlugin } from './accessPlugin';
import { cellNoticePlugin } from './cellNoticePlugin';
import { endingPlugin } from './endingPlugin';
import { executorPlugin } from './executorPlugin';
import { filesPlugin } from './filesPlugin';
import { floorPlugin } from './floorPlugin';
import { helpPlugin } from './helpPlugin';
import { homePlugin } from './homePlugin';
import { kernelsPlugin } from './kernelsPlugin';
import { missedPlugin } from './missedPlugin';
import { narrowPlugin } from './narrowPlugin';
import { serverPlugin } from './serverPlugin';
import { statusPlugin } from './statusPlugin';
import { workspacePlugin } from './workspacePlugin';

const plugins: JupyterFrontEndPlugin<unknown>[] = [
  serverPlugin, workspacePlugin, executorPlugin, kernelsPlugin, endingPlugin, homePlugin, filesPlugin, floorPlugin, accessPlugin, missedPlugin, statusPlugin, cellNoticePlugin, narrowPlugin, helpPlugin
];

export default plugins;
