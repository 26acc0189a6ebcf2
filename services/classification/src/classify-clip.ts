import { ClassificationServiceService, type ClassificationServiceServer } from '@earshot/contracts';
import type { ClassifyRequest, ClassifyResponse } from '@earshot/contracts';
import { canonicalFrontEnd, classifySignal, clipResult, type InstalledModel } from '@earshot/core/classification';
import type { RealFft } from '@earshot/core/dsp';
import { analyseSignal } from '@earshot/core/features';
import { AudioError, decodeAudio, type AudioErrorCode, type DecodedAudio } from '@earshot/platform/audio';
import { GrpcError, grpcStatus, unary, type GrpcService } from '@earshot/platform/grpc';

export const MAX_CLIP_SECONDS = 60;
/** 60 s of 48 kHz stereo floats, and some. */
export const MAX_CLIP_BYTES = 24 * 1024 * 1024;

const TOO_MUCH: ReadonlySet<AudioErrorCode> = new Set<AudioErrorCode>(['too_long', 'too_large']);

export interface ClipDependencies {
  /** The model that is live now; undefined: none is. */
  readonly live: () => InstalledModel | undefined;
  /** Size 1024. */
  readonly fft: RealFft;
}

/** Classify: decodes, makes features, scores windows; the same core as the stage. */
export const createClassifyClip =
  ({ live, fft }: ClipDependencies) =>
  async ({ audio, channel }: ClassifyRequest): Promise<ClassifyResponse> => {
    const { channels, sampleRateHz, durationS } = await decodeClip(audio);
    const samples = channels[channel];
    if (samples === undefined)
      throw new GrpcError(
        grpcStatus.INVALID_ARGUMENT,
        `Channel ${channel} of ${channels.length}: channels count from 0 to ${channels.length - 1}`,
      );
    const { logMel } = analyseSignal(samples, sampleRateHz, { fft });
    const model = live();
    if (model === undefined || !('classifier' in model))
      throw new GrpcError(grpcStatus.UNAVAILABLE, 'No classifier is live');
    const windows = await classifySignal(canonicalFrontEnd, model, logMel);
    return {
      modelId: model.spec.modelId,
      modelVersion: model.spec.modelVersion,
      sampleRateHz,
      durationS,
      classes: [...clipResult(windows)],
      windows: windows.map(({ timeUs, windowMs, labels, probabilities }) => ({
        startS: timeUs / 1e6,
        durationS: Math.min(windowMs / 1e3, durationS - timeUs / 1e6),
        classes: labels.map((label, index) => ({ label, probability: probabilities[index] ?? 0 })),
      })),
    };
  };

const decodeClip = async (audio: Uint8Array): Promise<DecodedAudio> => {
  try {
    return await decodeAudio(audio, { maxSeconds: MAX_CLIP_SECONDS, maxBytes: MAX_CLIP_BYTES });
  } catch (error) {
    if (!(error instanceof AudioError)) throw error;
    const code = TOO_MUCH.has(error.code) ? grpcStatus.RESOURCE_EXHAUSTED : grpcStatus.INVALID_ARGUMENT;
    throw new GrpcError(code, `The audio can't be classified (${error.code}): ${error.message}`);
  }
};

export const classificationService = (dependencies: ClipDependencies): GrpcService => {
  const implementation: ClassificationServiceServer = { classify: unary(createClassifyClip(dependencies)) };
  return { definition: ClassificationServiceService, implementation };
};
