/** The mark of Sightline. */
export function Brand() {
  return (
    <svg width="30" height="30" viewBox="0 0 32 32" aria-hidden>
      <rect width="32" height="32" rx="8" fill="#3d5bd9" />
      <path d="M7 10.5h11M11 16h14M9 21.5h9" stroke="#fff" strokeWidth="3" strokeLinecap="round" />
    </svg>
  );
}
