import "@mantine/core/styles/baseline.css";
import "@mantine/core/styles/default-css-variables.css";
import "@mantine/core/styles/global.css";
import "./theme.css";
import { MantineProvider, useMantineColorScheme } from "@mantine/core";
import type { ReactNode } from "react";
import { styleNonce } from "./styleNonce";
import { cssVariables, theme } from "./theme";

/** Gives everything below it the theme. */
export function KitProvider({ children }: { children: ReactNode }) {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      getStyleNonce={styleNonce}
    >
      {children}
    </MantineProvider>
  );
}

export type ColorScheme = "light" | "dark" | "auto";

/** The chosen colour scheme (`auto` follows the system), and a function to choose another. */
export function useColorScheme(): [ColorScheme, (scheme: ColorScheme) => void] {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return [colorScheme, setColorScheme];
}
