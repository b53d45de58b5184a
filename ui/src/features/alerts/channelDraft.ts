type ChannelField = { name: string; label: string; placeholder?: string; isOptional?: boolean; isSecret?: boolean };

type Setting = string | number | string[];

/** Kinds of channels and their settings, as docs/alerts.md lists them. */
export const CHANNEL_KINDS: Readonly<Record<string, { label: string; fields: readonly ChannelField[] }>> = {
  pagerduty: { label: "PagerDuty", fields: [{ name: "routing_key", label: "Routing key", isSecret: true }] },
  opsgenie: {
    label: "Opsgenie",
    fields: [
      { name: "api_key", label: "API key", isSecret: true },
      { name: "url", label: "Address", placeholder: "https://api.opsgenie.com", isOptional: true },
    ],
  },
  slack: { label: "Slack", fields: [{ name: "url", label: "Webhook address", isSecret: true }] },
  teams: { label: "Microsoft Teams", fields: [{ name: "url", label: "Workflow address", isSecret: true }] },
  discord: { label: "Discord", fields: [{ name: "url", label: "Webhook address", isSecret: true }] },
  alertmanager: { label: "Alertmanager", fields: [{ name: "url", label: "Address", placeholder: "https://alerts.example.org" }] },
  webhook: {
    label: "Webhook",
    fields: [
      { name: "url", label: "Address", placeholder: "https://example.org/hook" },
      { name: "secret", label: "Secret", isOptional: true, isSecret: true },
    ],
  },
  email: {
    label: "E-mail",
    fields: [
      { name: "host", label: "SMTP server", placeholder: "smtp.example.org" },
      { name: "port", label: "Port", placeholder: "587", isOptional: true },
      { name: "from", label: "From" },
      { name: "to", label: "To", placeholder: "on-call@example.org, …" },
      { name: "username", label: "User", isOptional: true },
      { name: "password", label: "Password", isOptional: true, isSecret: true },
    ],
  },
  apprise: { label: "Other (Apprise)", fields: [{ name: "url", label: "Apprise URL", placeholder: "tgram://…", isSecret: true }] },
};

/** The settings as the server takes them: a list of recipients, a port as a number, nothing that is empty. */
export function channelSettings(kind: string, typed: Readonly<Record<string, string>>): Record<string, Setting> {
  const settings: Record<string, Setting> = {};
  for (const { name } of CHANNEL_KINDS[kind]?.fields ?? []) {
    const value = typed[name]?.trim() ?? "";
    if (value !== "") settings[name] = kind === "email" ? mailSetting(name, value) : value;
  }
  return settings;
}

function mailSetting(name: string, value: string): Setting {
  if (name === "to") return value.split(/[\s,]+/).filter(Boolean);
  return name === "port" && /^\d+$/.test(value) ? Number(value) : value;
}
