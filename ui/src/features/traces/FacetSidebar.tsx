import { useQuery } from "@tanstack/react-query";
import { queryFaultOf } from "@/api/client";
import { type TraceFilter, traceFacetsQuery } from "@/api/traceList";
import type { Facet } from "@/api/schema";
import { Button } from "@/kit/Button";
import { ChevronDownIcon, ChevronRightIcon } from "@/kit/icons";
import { usePreferences } from "@/lib/preferences";
import { addCondition, conditionsOn, hasCondition, removeCondition } from "@/lib/queryText";
import { FACET_FIELDS } from "./facetFields";
import classes from "./FacetSidebar.module.css";
import { FacetValueRow } from "./FacetValueRow";

type SidebarProps = { filter: TraceFilter; onQuery: (query: string) => void };

/** Values of the fields with the number of matching traces; a click adds one to the query, or takes it out. */
export function FacetSidebar({ filter, onQuery }: SidebarProps) {
  const [{ openFacets }, change] = usePreferences();
  const open = FACET_FIELDS.map(({ field }) => field).filter((field) => openFacets.includes(field));
  const { data, error, isPlaceholderData, refetch } = useQuery(traceFacetsQuery(filter, open));
  const query = filter.q ?? "";
  const toggleValue = (field: string, value: string, negated: boolean): void => {
    const edit = hasCondition(query, field, value, negated) ? removeCondition : addCondition;
    onQuery(edit(query, field, value, negated));
  };
  const toggleField = (field: string): void =>
    change({
      openFacets: open.includes(field) ? open.filter((other) => other !== field) : [...open, field],
    });
  return (
    <div className={classes["facets"]} aria-busy={isPlaceholderData}>
      {error && !queryFaultOf(error) ? (
        <div className={classes["failed"]} role="alert">
          The values could not be counted.
          <Button look="quiet" onClick={() => void refetch()}>
            Try again
          </Button>
        </div>
      ) : null}
      {FACET_FIELDS.map(({ field, label }) => (
        <FacetGroup
          key={field}
          field={field}
          label={label}
          open={open.includes(field)}
          facet={data?.facets.find((facet) => facet.field === field)}
          counting={!error}
          query={query}
          onToggle={() => toggleField(field)}
          onValue={(value, negated) => toggleValue(field, value, negated)}
        />
      ))}
    </div>
  );
}

type GroupProps = {
  field: string;
  label: string;
  open: boolean;
  facet: Facet | undefined;
  /** The facet is on its way when it is not there. */
  counting: boolean;
  query: string;
  onToggle: () => void;
  onValue: (value: string, negated: boolean) => void;
};

function FacetGroup({ field, label, open, facet, counting, query, onToggle, onValue }: GroupProps) {
  const Chevron = open ? ChevronDownIcon : ChevronRightIcon;
  const conditions = conditionsOn(query, field);
  return (
    <section className={classes["group"]} aria-label={label}>
      <button type="button" className={classes["heading"]} aria-expanded={open} onClick={onToggle}>
        <Chevron size={13} aria-hidden />
        {label}
        {!open && conditions.length > 0 ? <span className={classes["chosen"]}>{conditions.length}</span> : null}
      </button>
      {open ? (
        <FacetValues label={label} facet={facet} counting={counting} conditions={conditions} onValue={onValue} />
      ) : null}
    </section>
  );
}

type ValuesProps = Pick<GroupProps, "label" | "facet" | "counting" | "onValue"> & {
  conditions: readonly { value: string; negated: boolean }[];
};

function FacetValues({ label, facet, counting, conditions, onValue }: ValuesProps) {
  if (!facet && counting) return <div className={classes["counting"]} role="status" aria-label={`Counting ${label}`} />;
  const values = facet?.values.filter(({ value }) => value !== "") ?? [];
  // A value of the query that no trace has (any more) still has to be seen to be taken out.
  const absent = conditions.filter(({ value }) => !values.some((counted) => counted.value === value));
  const most = Math.max(1, ...values.map(({ traces }) => traces));
  const stateOf = (value: string): "wanted" | "excluded" | null => {
    const condition = conditions.find((each) => each.value === value);
    if (!condition) return null;
    return condition.negated ? "excluded" : "wanted";
  };
  return (
    <ul className={classes["values"]}>
      {absent.map(({ value }) => (
        <FacetValueRow key={value} value={value} traces={null} sampled={false} share={0} state={stateOf(value)} onValue={onValue} />
      ))}
      {values.map(({ value, traces }) => (
        <FacetValueRow
          key={value}
          value={value}
          traces={traces}
          sampled={facet?.sampled === true}
          share={traces / most}
          state={stateOf(value)}
          onValue={onValue}
        />
      ))}
      {values.length + absent.length === 0 ? <li className={classes["note"]}>No value</li> : null}
      {facet?.more ? <li className={classes["note"]}>The most frequent ones; write others into the query.</li> : null}
    </ul>
  );
}
