import { levelReference } from '../lib/format.js';
import { Badge } from './badge.js';

interface ReferenceBadgeProps {
  readonly calibrationId: string | null;
}

/** The unit in words that can't be mistaken: dB SPL, or re full scale and uncalibrated. */
export function ReferenceBadge({ calibrationId }: ReferenceBadgeProps) {
  const { unit } = levelReference(calibrationId);
  if (calibrationId === null) return <Badge tone="warning">{unit}, uncalibrated</Badge>;
  // What sensors that measure levels themselves send (services/ingestion/README.md).
  return (
    <Badge tone="ok">{calibrationId === 'sensor' ? `${unit}, calibrated by the sensor` : `${unit}, calibrated`}</Badge>
  );
}
