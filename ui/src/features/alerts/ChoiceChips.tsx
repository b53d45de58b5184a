import classes from "./Alerts.module.css";

type ChipsProps = {
  label: string;
  options: readonly string[];
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
  /** Said when there is nothing to choose from. */
  empty?: string;
};

/** Several of a few, in the order in which they are chosen. */
export function ChoiceChips({ label, options, chosen, onChange, empty }: ChipsProps) {
  const all = [...options, ...chosen.filter((name) => !options.includes(name))];
  return (
    <fieldset className={classes["chips"]}>
      <legend>{label}</legend>
      {all.length === 0 && empty ? <span className={classes["note"]}>{empty}</span> : null}
      {all.map((name) => {
        const isChosen = chosen.includes(name);
        return (
          <button
            key={name}
            type="button"
            className={classes["chip"]}
            aria-pressed={isChosen}
            onClick={() => onChange(isChosen ? chosen.filter((other) => other !== name) : [...chosen, name])}
          >
            {name.replaceAll("_", " ")}
          </button>
        );
      })}
    </fieldset>
  );
}
