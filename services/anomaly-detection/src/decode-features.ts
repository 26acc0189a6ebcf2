import { LogMelFrame, sensorKey, type MachineSpectrum as MachineMessage } from '@earshot/contracts';
import type { HeardSecond } from '@earshot/core/anomaly';
import { FRONT_END } from '@earshot/core/dsp';
import { lineNames, type LineName, type MachineSpectrum } from '@earshot/core/machine';
import type { IncomingRecord } from '@earshot/platform/kafka';
import type { Decoded } from '@earshot/platform/stage-runner';
import type { Wishes } from './wishes.js';

const invalid = (cause: string): Decoded<never> => ({ kind: 'dlq', reason: 'invalid', cause });

const isLineName = (name: string): name is LineName => (lineNames as readonly string[]).includes(name);

/** What is wrong with a machine's spectra; undefined: nothing. */
const machineFault = ({ binHz, spectrum, envelope, shaftHz, lines }: MachineMessage): string | undefined => {
  if (!(binHz > 0) || spectrum.length === 0 || envelope.length !== spectrum.length) {
    return `machine: ${spectrum.length} and ${envelope.length} bins of ${binHz} Hz`;
  }
  if (!(shaftHz >= 0 && shaftHz < binHz * spectrum.length)) return `machine: shaft at ${shaftHz} Hz`;
  const isOdd = (value: number): boolean => !Number.isFinite(value);
  const odd = lines.find((line) => [line.frequencyHz, line.levelDb, line.prominenceDb].some(isOdd));
  return odd === undefined ? undefined : `machine: line ${odd.name} has a value that is no number`;
};

/** Lines of names that this version does not know are left out. */
const machineOf = ({ binHz, spectrum, envelope, shaftHz, lines }: MachineMessage): MachineSpectrum => ({
  binHz,
  spectrum,
  envelope,
  shaftHz,
  lines: lines.flatMap(({ name, ...line }) => (isLineName(name) ? [{ name, ...line }] : [])),
});

/** A record of the features topic as the stage takes it, or why it can't be used. */
export const createDecodeFeatures =
  (wishOf: Wishes['of']) =>
  ({ value }: IncomingRecord): Decoded<HeardSecond> => {
    const frame = LogMelFrame.decode(value ?? new Uint8Array());
    const { tenantId, sensorId, bootId, timeUs, frameCount, discontinuity, receivedTimeUs, machine } = frame;
    if (tenantId === '' || sensorId === '' || timeUs <= 0) return invalid('tenant_id, sensor_id or time_us is missing');
    if (!discontinuity && (frame.frontEndId !== FRONT_END.id || frame.melBands !== FRONT_END.melBands)) {
      const cause = `front end ${frame.frontEndId} with ${frame.melBands} bands; this detector reads ${FRONT_END.id}`;
      return { kind: 'dlq', reason: 'unsupported', cause };
    }
    if (frame.logMel.length !== (discontinuity ? 0 : frameCount * FRONT_END.melBands)) {
      return invalid(`${frame.logMel.length} bytes of log-mel for ${frameCount} frames`);
    }
    const fault = machine === undefined ? undefined : machineFault(machine);
    if (fault !== undefined) return invalid(fault);
    return {
      kind: 'input',
      input: {
        ...{ tenantId, sensorId, bootId, timeUs, frameCount, discontinuity, receivedTimeUs },
        logMel: frame.logMel,
        ...wishOf(sensorKey(tenantId, sensorId)),
        ...(machine === undefined ? {} : { machine: machineOf(machine) }),
      },
    };
  };
