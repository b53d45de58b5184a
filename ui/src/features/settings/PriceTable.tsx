import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { priceUsesQuery, pricesQuery, removePrice } from "@/api/prices";
import type { OwnPrice, PriceCatalogue, ServerInfo } from "@/api/schema";
import { Button } from "@/kit/Button";
import { ConfirmButton } from "@/kit/ConfirmButton";
import { Timestamp } from "@/kit/Figures";
import { CostsIcon } from "@/kit/icons";
import { ListFailure } from "@/kit/ListFailure";
import { EmptyState, LoadingRows } from "@/kit/States";
import { ABSENT, formatInteger } from "@/lib/format";
import { FindField, FoundMore, useFound } from "./Find";
import { PriceDialog } from "./PriceDialog";
import { otherPrices, validity } from "./priceDraft";
import { Refusal } from "./Refusal";
import classes from "./Settings.module.css";

const HEADINGS = ["Model", "Input", "Output", "Other prices", "Holds (UTC)", "Calls, 30 days"];

/** The project's own prices; who may change things in it makes and changes them here. */
export function PriceTable({ info }: { info: ServerInfo }) {
  const list = useQuery(pricesQuery());
  const uses = useQuery(priceUsesQuery());
  const [changing, setChanging] = useState<OwnPrice>();
  const [isAdding, setIsAdding] = useState(false);
  const adder = useRef<HTMLButtonElement>(null);
  const { shown, count, isSearched } = useFound(list.data?.prices ?? [], ({ name, model, provider }) => [name, model, provider]);
  if (list.error && !list.data) return <Refusal error={list.error} retry={() => void list.refetch()} />;
  if (!list.data) return <LoadingRows label="Loading prices" />;
  const { prices, catalogue } = list.data;
  const calls = (name: string): number | undefined =>
    uses.data ? (uses.data.uses.find((use) => use.name === name)?.calls ?? 0) : undefined;
  return (
    <>
      <ListFailure list={list} />
      <div className={classes["head"]}>
        <p className={classes["note"]}>
          What <b>{info.project}</b> pays, in USD for a million tokens. Of several prices that match a call the one changed
          last wins, which is the first here. All other calls cost what the <Catalogue catalogue={catalogue} /> says.
        </p>
        {isSearched ? <FindField label="Find a price" /> : null}
        <Button ref={adder} look="primary" onClick={() => setIsAdding(true)}>
          New price
        </Button>
      </div>
      <p className={classes["notice"]}>
        Prices are for calls that arrive from now on, within seconds; what is stored keeps its cost.{" "}
        <code>sightline reprice --from DAY --to DAY --project {info.project}</code> gives stored calls the prices of today,
        and keeps the old figures in an audit table. An embedded store has to be stopped for it.
      </p>
      {prices.length === 0 ? (
        <EmptyState icon={<CostsIcon size={22} aria-hidden />} title="No own prices yet">
          Every call costs what the catalogue says. A contract, a model of your own or a reserved deployment can have its own
          price.
        </EmptyState>
      ) : (
        <div className={classes["panel"]}>
          <table className={classes["table"]}>
            <thead>
              <tr>
                {HEADINGS.map((heading) => (
                  <th key={heading} scope="col">
                    {heading}
                  </th>
                ))}
                <th scope="col">
                  <span className="visually-hidden">Change</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.map((price) => (
                <PriceRow
                  key={price.name}
                  price={price}
                  calls={calls(price.name)}
                  onChange={() => setChanging(price)}
                  onRemoved={() => adder.current?.focus()}
                />
              ))}
            </tbody>
          </table>
          <FoundMore shown={shown} count={count} noun="price" />
        </div>
      )}
      {isAdding ? <PriceDialog onClose={() => setIsAdding(false)} /> : null}
      {changing ? <PriceDialog price={changing} onClose={() => setChanging(undefined)} /> : null}
    </>
  );
}

function Catalogue({ catalogue: { source, fetched_at } }: { catalogue: PriceCatalogue }) {
  if (fetched_at === null) return <>catalogue {source}</>;
  return (
    <>
      catalogue from {source}, downloaded <Timestamp time={fetched_at} shape="list" />,
    </>
  );
}

type RowProps = { price: OwnPrice; calls: number | undefined; onChange: () => void; onRemoved: () => void };

function PriceRow({ price, calls, onChange, onRemoved }: RowProps) {
  const queries = useQueryClient();
  const remove = async (): Promise<void> => {
    // Refused, too: somebody else may have changed it.
    await removePrice(price).finally(() => queries.invalidateQueries({ queryKey: ["prices"] }));
    onRemoved();
  };
  const { name, model, provider, service_tier, usd_per_mtok } = price;
  const narrowed = [provider, service_tier && `tier ${service_tier}`].filter(Boolean);
  const others = otherPrices(price);
  return (
    <tr>
      <th scope="row">
        {model}
        {narrowed.length > 0 ? <span className={classes["dim"]}> {narrowed.join(", ")}</span> : null}
        <span className={classes["id"]}>{name}</span>
      </th>
      <td className={classes["short"]} data-label="Input">${usd_per_mtok.input}</td>
      <td className={classes["short"]} data-label="Output">${usd_per_mtok.output}</td>
      <td data-label="Other prices">
        {others.length > 0 ? others.join("; ") : <span className={classes["dim"]}>none</span>}
      </td>
      <td data-label="Holds (UTC)">{validity(price)}</td>
      <td className={classes["short"]} data-label="Calls, 30 days">{calls === undefined ? ABSENT : formatInteger(calls)}</td>
      <td className={classes["rowActions"]}>
        <Button look="quiet" aria-label={`Change ${name}`} onClick={onChange}>
          Change
        </Button>
        <ConfirmButton
          title={`Remove the price “${name}”?`}
          consequence="Calls that arrive from now on cost what another price or the catalogue says. Stored calls keep their cost."
          onConfirm={remove}
        >
          Remove
        </ConfirmButton>
      </td>
    </tr>
  );
}
