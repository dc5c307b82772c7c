/** The mark: one eye of the peacock's tail. Decorative; the name stands beside it. */
export function Mark({ size = 26 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <path d="M16 1.5c7.2 5 11 10.6 11 16.2a11 11 0 0 1-22 0C5 12.100 8.800 6.500 16 1.500Z" fill="#0b7a75" />
      <path d="M16 8c4.800 3.500 7.200 7 7.200 10.400a7.200 7.200 0 0 1-14.400 0C8.800 15 11.200 11.500 16 8Z" fill="#c8963e" />
      <circle cx="16" cy="18.600" r="5" fill="#0e2a33" />
      <circle cx="17.700" cy="16.900" r="1.500" fill="#e4edf0" />
    </svg>
  );
}
