import { getRouteApi } from "@tanstack/react-router";
import { PageHeader } from "@/kit/PageHeader";
import { type Tab, Tabs } from "@/kit/Tabs";
import { useScrollPlace } from "@/lib/listPlace";
import { usePreferences } from "@/lib/preferences";
import { zoneName } from "@/lib/time";
import { Budgets } from "./Budgets";
import { CostControls, CostFilterChips } from "./CostControls";
import { CostReport } from "./CostReport";
import classes from "./Costs.module.css";
import { Reconciliation } from "./Reconciliation";
import { Savings } from "./Savings";
import { COST_TABS, type CostSearch, type CostTab, without } from "./search";
import { Teams } from "./Teams";
import { WhatIfPanel } from "./WhatIf";

const route = getRouteApi("/costs");

type PageState = { search: CostSearch; zone: string; onChange: (search: CostSearch) => void };

/** Costs: the report, what could be saved, budgets, who pays, and whether it matches the bill. */
export function CostsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const scroller = useScrollPlace(`costs ${search.tab ?? "report"}`);
  const [{ zone: preferred }] = usePreferences();
  const state: PageState = {
    search,
    zone: zoneName(preferred),
    onChange: (next) => void navigate({ search: next }),
  };
  return (
    <>
      <PageHeader title="Costs">{isAboutARange(search) ? <CostControls {...state} /> : null}</PageHeader>
      <div ref={scroller} className={classes["page"]}>
        <Tabs
          label="Costs"
          value={search.tab ?? "report"}
          onChange={(id) => {
            const tab = COST_TABS.find((each) => each === id);
            state.onChange(tab && tab !== "report" ? { ...search, tab } : without(search, "tab"));
          }}
          tabs={tabsOf(state)}
        />
      </div>
    </>
  );
}

function tabsOf(state: PageState): Tab[] {
  return COST_TABS.map((id) => ({
    id,
    label: LABELS[id],
    content: () => (
      <div className={classes["parts"]}>
        {isAboutARange(state.search) ? <CostFilterChips search={state.search} onChange={state.onChange} /> : null}
        {contentOf(id, state)}
      </div>
    ),
  }));
}

const LABELS: Readonly<Record<CostTab, string>> = {
  report: "Report",
  savings: "Savings",
  "what-if": "What if",
  budgets: "Budgets",
  teams: "Teams",
  reconciliation: "Reconciliation",
};

function contentOf(tab: CostTab, state: PageState) {
  switch (tab) {
    case "report":
      return <CostReport {...state} />;
    case "savings":
      return <Savings {...state} />;
    case "what-if":
      return <WhatIfPanel {...state} />;
    case "budgets":
      return <Budgets />;
    case "teams":
      return <Teams {...state} />;
    case "reconciliation":
      return <Reconciliation {...state} />;
  }
}

/** Budgets, statements and invoices have periods of their own. */
function isAboutARange({ tab }: CostSearch): boolean {
  return tab === undefined || tab === "savings" || tab === "what-if";
}
