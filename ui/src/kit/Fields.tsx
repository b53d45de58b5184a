import "@mantine/core/styles/Input.css";
import "@mantine/core/styles/InlineInput.css";
import "@mantine/core/styles/Combobox.css";
import "@mantine/core/styles/Pill.css";
import "@mantine/core/styles/PillsInput.css";
import "@mantine/core/styles/ScrollArea.css";
import "@mantine/core/styles/Popover.css";
import { type OptionsFilter, Select, TextInput } from "@mantine/core";
import type { ReactNode, Ref } from "react";
import { revealHidden } from "@/lib/characters";

type TextFieldProps = {
  label: string;
  value: string;
  onChange: (value: string) => void;
  placeholder?: string;
  icon?: ReactNode;
  hideLabel?: boolean;
  type?: "text" | "search" | "password" | "datetime-local";
  error?: string | undefined;
  /** What to know of it before typing. */
  note?: string;
  /** More cannot be typed or pasted. */
  maxLength?: number;
  inputRef?: Ref<HTMLInputElement>;
  onEnter?: () => void;
  /** In place of what the key does on the page. */
  onEscape?: (() => void) | undefined;
  /** In a dialog: where typing goes when it opens. */
  focusFirst?: boolean;
};

/** One line of text. */
export function TextField(props: TextFieldProps) {
  const { label, value, onChange, placeholder, icon, hideLabel, type = "text", error, note, maxLength } = props;
  const { inputRef, onEnter, onEscape, focusFirst } = props;
  return (
    <TextInput
      size="xs"
      type={type}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      {...(hideLabel ? { "aria-label": label } : { label })}
      {...(placeholder ? { placeholder } : {})}
      {...(icon ? { leftSection: icon } : {})}
      {...(error ? { error } : {})}
      {...(note ? { description: note } : {})}
      {...(maxLength ? { maxLength } : {})}
      {...(inputRef ? { ref: inputRef } : {})}
      {...(focusFirst ? { "data-autofocus": true } : {})}
      onKeyDown={(event) => {
        if (event.key === "Enter" && onEnter) {
          // Where it moves the focus to a button, the same key would press that too.
          event.preventDefault();
          onEnter();
        }
        if (event.key === "Escape" && onEscape) {
          event.preventDefault();
          onEscape();
        }
      }}
    />
  );
}

const SCROLLING = { maxHeight: 320, overflowY: "auto" } as const;

/** What is typed may be the text that is shown or the value behind it, such as `New York` and `New_York`. */
const filterByLabelOrValue: OptionsFilter = ({ options, search }) => {
  const typed = search.trim().toLowerCase();
  return options.filter(
    (option) => "value" in option && [option.label, option.value].some((text) => text.toLowerCase().includes(typed)),
  );
};

type SelectFieldProps = {
  label: string;
  value: string | null;
  onChange: (value: string | null) => void;
  options: readonly { value: string; label: string }[];
  placeholder?: string;
  hideLabel?: boolean;
  clearable?: boolean;
  searchable?: boolean;
  /** In a dialog: where typing goes when it opens. */
  focusFirst?: boolean;
};

/** One of several. */
export function SelectField(props: SelectFieldProps) {
  const { label, value, onChange, options, placeholder, hideLabel, clearable, searchable, focusFirst } = props;
  return (
    <Select
      size="xs"
      value={value}
      onChange={onChange}
      data={options.map((option) => ({ ...option, label: revealHidden(option.label) }))}
      searchable={searchable ?? false}
      filter={filterByLabelOrValue}
      clearable={clearable ?? false}
      allowDeselect={clearable ?? false}
      checkIconPosition="right"
      // The list itself scrolls, so that it is what assistive software finds scrolling.
      withScrollArea={false}
      styles={{ options: SCROLLING }}
      clearButtonProps={{ "aria-label": "Clear" }}
      {...(focusFirst ? { "data-autofocus": true } : {})}
      {...(hideLabel ? { "aria-label": label } : { label })}
      {...(placeholder ? { placeholder } : {})}
    />
  );
}
