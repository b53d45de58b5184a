import { createTheme, type CSSVariablesResolver, type MantineColorsTuple, Portal } from "@mantine/core";

/** Shades 0–9 of the accent; Mantine fills with 7 in light and 5 in dark. */
const accent: MantineColorsTuple = [
  "#eef2ff",
  "#dde5ff",
  "#bccbff",
  "#8ea6ff",
  "#6e8bf5",
  "#5070e8",
  "#3d5fe0",
  "#3353d4",
  "#2945b8",
  "#1f3693",
];

export const theme = createTheme({
  primaryColor: "accent",
  primaryShade: { light: 7, dark: 6 },
  colors: { accent },
  fontFamily: "var(--sl-font)",
  fontFamilyMonospace: "var(--sl-mono)",
  fontSizes: { xs: "11.5px", sm: "12.5px", md: "13.5px", lg: "16px", xl: "20px" },
  defaultRadius: "6px",
  cursorType: "pointer",
  respectReducedMotion: true,
  // What floats belongs to the page's main part: content outside of the landmarks is passed by.
  components: { Portal: Portal.extend({ defaultProps: { target: "#main" } }) },
});

/** Hands Mantine's own components the colours of `theme.css`, so that there is one palette. */
export const cssVariables: CSSVariablesResolver = () => {
  const shared = {
    "--mantine-color-text": "var(--sl-text)",
    "--mantine-color-body": "var(--sl-surface)",
    "--mantine-color-dimmed": "var(--sl-dim)",
    "--mantine-color-placeholder": "var(--sl-faint)",
    "--mantine-color-default": "var(--sl-surface)",
    "--mantine-color-default-hover": "var(--sl-hover)",
    "--mantine-color-default-color": "var(--sl-text)",
    "--mantine-color-default-border": "var(--sl-border-strong)",
    "--mantine-color-error": "var(--sl-error)",
  };
  const dark = {
    "--mantine-color-dark-6": "var(--sl-surface)",
    "--mantine-color-dark-5": "var(--sl-hover)",
    "--mantine-color-dark-4": "var(--sl-border-strong)",
  };
  return { variables: {}, light: shared, dark: { ...shared, ...dark } };
};
