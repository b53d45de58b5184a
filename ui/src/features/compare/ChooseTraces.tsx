import { getRouteApi } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { Button } from "@/kit/Button";
import { TextField } from "@/kit/Fields";
import { traceIdIn } from "@/lib/traceId";
import classes from "./Compare.module.css";

const route = getRouteApi("/compare");

/** Asks for the two traces by their ids or links. */
export function ChooseTraces({ left, right }: { left: string; right: string }) {
  const navigate = route.useNavigate();
  const [ids, setIds] = useState({ left, right });
  const [isChecked, setChecked] = useState(false);
  const wrong = (id: string): string | undefined =>
    isChecked && !traceIdIn(id) ? "A trace id has 32 hex digits" : undefined;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setChecked(true);
    const left = traceIdIn(ids.left);
    const right = traceIdIn(ids.right);
    if (left && right) void navigate({ search: { left, right } });
  };
  return (
    <form className={classes["choose"]} onSubmit={submit}>
      <p>
        Two traces, aligned step by step. From a trace, “Compare with…” finds the median good run or the run before in
        the session.
      </p>
      <TextField
        label="Left: the trace to compare with"
        value={ids.left}
        error={wrong(ids.left)}
        onChange={(value) => setIds({ ...ids, left: value })}
      />
      <TextField
        label="Right: the trace that is looked at"
        value={ids.right}
        error={wrong(ids.right)}
        onChange={(value) => setIds({ ...ids, right: value })}
      />
      <div>
        <Button type="submit" look="primary">
          Compare
        </Button>
      </div>
    </form>
  );
}
