import {
  ModelServiceService,
  type ListModelsResponse,
  type ModelRoles,
  type ModelServiceServer,
  type PromoteModelRequest,
  type RollbackModelRequest,
  type ShadowModelRequest,
} from '@earshot/contracts';
import { tasks, type Task } from '@earshot/core/classification';
import { GrpcError, grpcStatus, unary, type GrpcService } from '@earshot/platform/grpc';
import type { ModelHost } from './model-host.js';
import { ModelError, type ModelDesk } from './model-desk.js';
import { LedgerConflictError } from './role-ledger.js';

const codes = {
  not_found: grpcStatus.NOT_FOUND,
  not_usable: grpcStatus.FAILED_PRECONDITION,
  nothing_to_do: grpcStatus.FAILED_PRECONDITION,
  ambiguous: grpcStatus.INVALID_ARGUMENT,
} as const;

const changed = async (change: Promise<ModelRoles>): Promise<{ roles: ModelRoles }> => {
  try {
    return { roles: await change };
  } catch (error) {
    if (error instanceof ModelError) throw new GrpcError(codes[error.code], error.message);
    if (error instanceof LedgerConflictError) throw new GrpcError(grpcStatus.ABORTED, error.message);
    throw error;
  }
};

const taskOf = (text: string): Task | undefined => {
  if (text === '') return undefined;
  const task = tasks.find((one) => one === text);
  if (task === undefined)
    throw new GrpcError(grpcStatus.INVALID_ARGUMENT, `task ${JSON.stringify(text)}: expected ${tasks.join(' or ')}`);
  return task;
};

export const modelService = (desk: ModelDesk, host: ModelHost): GrpcService => {
  const implementation: ModelServiceServer = {
    listModels: unary(async (): Promise<ListModelsResponse> => {
      const { unusable } = await host.refresh();
      return {
        models: [...desk.installed()],
        unusable: unusable.map(({ directory, problems }) => ({ directory, problems: [...problems] })),
        roles: [...desk.ledger],
      };
    }),
    promoteModel: unary((request: PromoteModelRequest) =>
      changed(desk.promote(request.modelId, request.version, request.keepInShadow, request)),
    ),
    rollbackModel: unary(async (request: RollbackModelRequest) => changed(desk.rollback(taskOf(request.task), request))),
    shadowModel: unary((request: ShadowModelRequest) =>
      changed(desk.shadow(request.modelId, request.version, request.on, request)),
    ),
  };
  return { definition: ModelServiceService, implementation };
};
