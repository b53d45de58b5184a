import { renderHook } from "@testing-library/react";
import { act } from "react";
import { expect, it } from "vitest";
import { changePreferences, usePreferences } from "./preferences";

const KEY = "sightline.preferences";

it("what is chosen in another tab holds here, and is not written over", () => {
  const { result } = renderHook(() => usePreferences()[0]);
  localStorage.setItem(KEY, JSON.stringify({ zone: "Asia/Tokyo" }));
  act(() => void window.dispatchEvent(new StorageEvent("storage", { key: KEY })));
  expect(result.current.zone).toBe("Asia/Tokyo");
  act(() => changePreferences({ panelWidth: 700 }));
  expect(JSON.parse(localStorage.getItem(KEY) ?? "")).toMatchObject({ zone: "Asia/Tokyo", panelWidth: 700 });
});
