// Loaded on every page. Each part works on its own and is optional: without
// JavaScript every page stays readable and every form can be sent.

import { startGuards } from "./js/guard.js";
import { startSaveKey } from "./js/save.js";
import { startScrollSpy } from "./js/scrollspy.js";
import { startShortcuts } from "./js/shortcuts.js";
import { startTheme } from "./js/theme.js";
import { startToasts } from "./js/toast.js";

startTheme();
startShortcuts();
startScrollSpy();
startGuards();
startSaveKey();
startToasts();
