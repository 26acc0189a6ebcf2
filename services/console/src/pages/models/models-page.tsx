import { useState } from 'react';
import { errorText } from '../../api/client.js';
import type { Model, ModelRoles } from '../../api/types.js';
import { formatCount } from '../../lib/format.js';
import { useSession } from '../../session.js';
import { Badge } from '../../ui/badge.js';
import { Moment } from '../../ui/moment.js';
import { usePageTitle } from '../../ui/page-title.js';
import { EmptyNote, ErrorNote, LoadingRows } from '../../ui/states.js';
import { useNow } from '../../ui/use-now.js';
import { useResource } from '../../ui/use-resource.js';
import { Figures } from './figures.js';
import { LedgerPanel } from './ledger-panel.js';
import { modelsOfTask, ROLE_TEXT, ROLE_TONE, TASKS } from './model-text.js';
import { PromoteDialog } from './promote-dialog.js';
import { RollbackDialog } from './rollback-dialog.js';

const REFRESH_MS = 5000;

type Open =
  | { readonly kind: 'promote'; readonly model: Model; readonly live: Model | undefined }
  | { readonly kind: 'rollback'; readonly task: string; readonly name: string };

/** Which models are installed, who is live and in shadow, and the ledger of changes. */
export function ModelsPage() {
  usePageTitle('Models');
  const { client } = useSession();
  const nowMs = useNow(1000);
  const [open, setOpen] = useState<Open | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const models = useResource('models', async (signal) => (await client.models(signal)).items, REFRESH_MS);
  const ledger = useResource('model roles', async (signal) => (await client.modelRoles(signal)).items, REFRESH_MS);
  const close = (): void => setOpen(null);
  const changed = (): void => {
    setOpen(null);
    setFailure(null);
    models.reload();
    ledger.reload();
  };
  const shadow = async (model: Model, isOn: boolean): Promise<void> => {
    try {
      await client.shadowModel(model, isOn);
      changed();
    } catch (error) {
      setFailure(error);
    }
  };

  return (
    <div className="page" data-testid="models-page">
      <h1>Models</h1>
      {failure === null ? null : (
        <p className="form__error" role="alert">
          {errorText(failure)}
        </p>
      )}
      <div className="columns">
        <div className="models__tasks">
          {TASKS.map(({ task, name, about }) => (
            <section key={task} className="panel" aria-labelledby={`task-${task}`}>
              <div className="panel__head">
                <div>
                  <h2 id={`task-${task}`}>{name}</h2>
                  <p className="small muted">{about}</p>
                </div>
                <button
                  type="button"
                  className="button"
                  disabled={!hasPrevious(ledger.data ?? [], task)}
                  onClick={() => setOpen({ kind: 'rollback', task, name })}
                >
                  Roll back
                </button>
              </div>
              {models.error === null ? null : <ErrorNote error={models.error} retry={models.reload} />}
              {models.data === null ? (
                models.loading ? (
                  <LoadingRows rows={2} label="Loading models" />
                ) : null
              ) : (
                <TaskModels
                  models={modelsOfTask(models.data, task)}
                  nowMs={nowMs}
                  onPromote={(model, live) => setOpen({ kind: 'promote', model, live })}
                  onShadow={(model, isOn) => void shadow(model, isOn)}
                />
              )}
            </section>
          ))}
        </div>
        <LedgerPanel ledger={ledger} nowMs={nowMs} />
      </div>
      {open?.kind === 'promote' ? (
        <PromoteDialog model={open.model} live={open.live} onDone={changed} onClose={close} />
      ) : null}
      {open?.kind === 'rollback' ? (
        <RollbackDialog task={open.task} name={open.name} onDone={changed} onClose={close} />
      ) : null}
    </div>
  );
}

/** Whether the task had more than one live model: whether one of them is still to go back to is the api's to say. */
const hasPrevious = (ledger: readonly ModelRoles[], task: string): boolean => {
  const lives = ledger.map(({ tasks }) => tasks.find((one) => one.task === task)?.live ?? null);
  return new Set(lives.map((live) => (live === null ? '' : `${live.id}@${live.version}`))).size > 1;
};

interface TaskModelsProps {
  readonly models: readonly Model[];
  readonly nowMs: number;
  readonly onPromote: (model: Model, live: Model | undefined) => void;
  readonly onShadow: (model: Model, isOn: boolean) => void;
}

function TaskModels({ models, nowMs, onPromote, onShadow }: TaskModelsProps) {
  if (models.length === 0) return <EmptyNote title="No model is installed" />;
  const live = models.find(({ role }) => role === 'live');
  return (
    <ul className="rows" role="list">
      {models.map((model) => (
        <li
          key={`${model.id}@${model.version}`}
          className="row"
          data-testid="model-row"
          data-model={`${model.id}@${model.version}`}
          data-role={model.role}
        >
          <div className="row__main">
            <Badge tone={ROLE_TONE[model.role]}>{ROLE_TEXT[model.role]}</Badge>
            <span className="row__text">
              {model.id} <span className="muted">{model.version}</span>
            </span>
            <span className="rule__actions">
              {model.role === 'installed' || model.role === 'shadow' ? (
                <>
                  <button
                    type="button"
                    className="button button--quiet"
                    onClick={() => onShadow(model, model.role === 'installed')}
                  >
                    {model.role === 'installed' ? 'Into shadow' : 'Out of shadow'}
                  </button>
                  <button type="button" className="button" onClick={() => onPromote(model, live)}>
                    Promote
                  </button>
                </>
              ) : null}
            </span>
          </div>
          <p className="row__detail muted">
            <span>
              {ROLE_TEXT[model.role]} <Since time={model.effectiveFrom} nowMs={nowMs} />
            </span>
            <span title={model.labels.join(', ')}>{formatCount(model.labels.length, 'label')}</span>
            <span>
              {model.windowMs === model.hopMs
                ? `steps of ${model.hopMs} ms`
                : `windows of ${model.windowMs} ms every ${model.hopMs} ms`}
            </span>
          </p>
          <Figures models={[model]} />
        </li>
      ))}
    </ul>
  );
}

/** A change takes effect a few seconds after it was made. */
function Since({ time, nowMs }: { readonly time: string; readonly nowMs: number }) {
  return Date.parse(time) > nowMs ? (
    <>
      in {Math.ceil((Date.parse(time) - nowMs) / 1000)} s
    </>
  ) : (
    <>
      since <Moment time={time} nowMs={nowMs} />
    </>
  );
}
