import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "@/app/App";
import { nameMissingCode } from "@/app/missingCode";
import { listenToKeys } from "@/lib/shortcuts";

const container = document.getElementById("root");
if (!container) throw new Error("index.html has no #root");
listenToKeys();
nameMissingCode();
createRoot(container).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
