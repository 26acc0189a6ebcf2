/** 20 x 20 line icons in the text's colour; decoration only, so hidden from assistive technology. */
import type { ReactNode } from 'react';

function Icon({ children }: { readonly children: ReactNode }) {
  return (
    <svg className="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      {children}
    </svg>
  );
}

export const LogoMark = () => (
  <svg className="logo" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
    <rect width="32" height="32" rx="8" className="logo__ground" />
    <g className="logo__wave">
      <path d="M8 14v4" />
      <path d="M12.5 10.5v11" />
      <path d="M17 7v18" />
      <path d="M21.5 11.5v9" />
      <path d="M25.5 14.5v3" />
    </g>
  </svg>
);
export const PlusIcon = () => <Icon><path d="M10 4v12M4 10h12" /></Icon>; // prettier-ignore
export const SearchIcon = () => <Icon><circle cx="9" cy="9" r="5" /><path d="m13 13 4 4" /></Icon>; // prettier-ignore
export const SunIcon = () => <Icon><circle cx="10" cy="10" r="3.2" /><path d="M10 2.5v2M10 15.5v2M2.5 10h2M15.5 10h2M4.7 4.7l1.4 1.4M13.9 13.9l1.4 1.4M4.7 15.3l1.4-1.4M13.9 6.1l1.4-1.4" /></Icon>; // prettier-ignore
export const MoonIcon = () => <Icon><path d="M16.5 12A7 7 0 0 1 8 3.5a7 7 0 1 0 8.5 8.5Z" /></Icon>; // prettier-ignore
export const ExitIcon = () => <Icon><path d="M8 3.5H4.5v13H8M12.5 6.5 16 10l-3.5 3.5M16 10H8" /></Icon>; // prettier-ignore
export const CloseIcon = () => <Icon><path d="m5 5 10 10M15 5 5 15" /></Icon>; // prettier-ignore
export const CopyIcon = () => <Icon><rect x="7" y="7" width="9" height="9" rx="1.5" /><path d="M13 7V4.5A.5.5 0 0 0 12.5 4h-8a.5.5 0 0 0-.5.5v8a.5.5 0 0 0 .5.5H7" /></Icon>; // prettier-ignore
export const PauseIcon = () => <Icon><path d="M7 5v10M13 5v10" /></Icon>; // prettier-ignore
export const PlayIcon = () => <Icon><path d="M7 4.500v11l8-5.500Z" /></Icon>; // prettier-ignore
export const BackIcon = () => <Icon><path d="M12 4.5 6.5 10l5.5 5.5" /></Icon>; // prettier-ignore
export const AlertIcon = () => <Icon><path d="M10 3 2.5 16h15ZM10 8v4M10 13.900v.2" /></Icon>; // prettier-ignore
export const EditIcon = () => <Icon><path d="m4 16 .8-3.500L13 4.300l2.7 2.7-8.2 8.200Z" /></Icon>; // prettier-ignore
export const TrashIcon = () => <Icon><path d="M4 6h12M8 6V4h4v2M5.5 6l.7 10h7.600l.7-10" /></Icon>; // prettier-ignore
