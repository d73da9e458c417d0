import { render } from "preact";
import { App } from "./app";
import { PrefsProvider } from "./prefs";
import { store } from "./store";
import "./style/base.css";
import "./style/shell.css";
import "./style/tile.css";
import "./style/alarms.css";
import "./style/inbox.css";
import "./style/papers.css";
import "./style/corrective.css";
import "./style/told.css";

store.start();
render(
  <PrefsProvider>
    <App />
  </PrefsProvider>,
  document.getElementById("app") as HTMLElement,
);
