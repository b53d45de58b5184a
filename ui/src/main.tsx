import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "@/app/App";
import { withoutCredentials } from "@/app/credentials";
import { nameMissingCode } from "@/app/missingCode";
import { listenToKeys } from "@/lib/shortcuts";

const container = document.getElementById("root");
if (!container) throw new Error("index.html has no #root");
// Not `location.href`: there the browser hides them.
const address = withoutCredentials(document.URL);
if (address) {
  window.location.replace(address);
} else {
  listenToKeys();
  nameMissingCode();
  createRoot(container).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
