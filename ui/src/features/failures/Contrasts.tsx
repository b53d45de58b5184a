import type { FailureContrast } from "@/api/schema";
import classes from "./Failures.module.css";

type ContrastProps = { contrasts: readonly FailureContrast[]; healthy: boolean };

/** Attribute values that are more common here than on healthy spans of the same kinds. */
export function Contrasts({ contrasts, healthy }: ContrastProps) {
  return (
    <section className={classes["panel"]} aria-label="What sets it apart">
      <h2>What sets it apart</h2>
      {contrasts.length === 0 ? (
        <p className={classes["dim"]}>
          {healthy
            ? "No attribute is significantly more common here than on healthy spans."
            : "There are no healthy spans of the same kind to compare with in this time range."}
        </p>
      ) : (
        <table className={classes["table"]}>
          <thead>
            <tr>
              <th scope="col">Attribute</th>
              <th scope="col">Value</th>
              <th scope="col">Here</th>
              <th scope="col">Healthy spans</th>
              <th scope="col">Lift</th>
              <th scope="col" title="Chance of such a difference without a cause, corrected for the values tried">
                p
              </th>
            </tr>
          </thead>
          <tbody>
            {contrasts.map((contrast) => (
              <tr key={`${contrast.attribute} ${contrast.value}`}>
                <td>{contrast.attribute.replaceAll("_", " ")}</td>
                <td className={classes["value"]}>{contrast.value}</td>
                <td>
                  <Share share={contrast.share_inside} />
                </td>
                <td>
                  <Share share={contrast.share_outside} />
                </td>
                <td>
                  {contrast.share_outside === 0 ? "only here" : `${contrast.lift.toFixed(contrast.lift < 10 ? 1 : 0)} ×`}
                </td>
                <td>{contrast.p_value < 0.0001 ? "< 0.0001" : contrast.p_value.toFixed(4)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Share({ share }: { share: number }) {
  return (
    <span className={classes["share"]}>
      <span className={classes["share-bar"]} aria-hidden>
        <span style={{ width: `${share * 100}%` }} />
      </span>
      {share > 0 && share < 0.01 ? "< 1%" : `${Math.round(share * 100)}%`}
    </span>
  );
}
