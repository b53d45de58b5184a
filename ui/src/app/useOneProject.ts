import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { serverInfoQuery } from "@/api/server";

/**
 * Loads the page anew once it belongs to another project than at first: who signs in with another key in one tab has
 * done so in all of them, and what is shown and what is asked for next would be of two projects.
 */
export function useOneProject(): void {
  const { data } = useQuery({ ...serverInfoQuery(), refetchInterval: false, refetchOnWindowFocus: "always" });
  const project = data?.project;
  const [first, setFirst] = useState(project);
  if (first === undefined && project !== undefined) setFirst(project);
  const isAnother = first !== undefined && project !== undefined && project !== first;
  useEffect(() => {
    if (isAnother) window.location.reload();
  }, [isAnother]);
}
