import type { GateMeasurements, GatePolicyInput, GateReport } from '#contract';
import { digestOf } from '#platform/digest';
import { newId } from '#platform/kernel';
import type { Sql } from '#platform/sql';
import { measurementProblem } from './core/check-measurements.ts';
import { judge, policyOf } from './core/gate.ts';
import { registryErrors } from './errors.ts';
import { withFile } from './files.ts';
import { CHAMPION, type StoredVersion } from './model.ts';
import { lockModel, type Room } from './room.ts';
import type { StoredModel } from './store/model-store.ts';
import { findVersion } from './versions.ts';

export interface GateRequest {
  readonly policy?: GatePolicyInput;
  readonly measurements: GateMeasurements;
  readonly idempotencyKey?: string;
}

export function gateVerbs(room: Room) {
  const { database, clock, rng, events } = room.options;
  const { gates } = room;

  /** Judges a version and keeps the report. With the key of an earlier gate that one is returned. */
  async function runGate(model: string, named: string, request: GateRequest, actor: string): Promise<GateReport> {
    const candidate = withFile((await findVersion(room, model, named)).version);
    const { measurements, idempotencyKey: key = null } = request;
    const problem = measurementProblem(measurements, candidate.ref);
    if (problem) throw registryErrors.REGISTRY_MEASUREMENT_INVALID(problem);
    const policy = policyOf(request.policy);
    const requestDigest = digestOf({ policy, measurements });
    return database.transaction(async (tx) => {
      // The champion cannot change under the gate while the model is held.
      const stored = await lockModel(room, tx, model);
      const earlier = key === null ? undefined : await gates.findByKey(tx, stored.key, candidate.version, key);
      if (earlier && earlier.requestDigest !== requestDigest) {
        throw registryErrors.REGISTRY_KEY_REUSED({ key: key ?? '', of: `a gate of ${candidate.ref}` });
      }
      if (earlier) return earlier.report;
      const champion = await championOf(tx, stored);
      const other = champion && champion.version !== candidate.version ? champion : null;
      const checks = judge({ policy, measurements, candidate, champion: other });
      const report: GateReport = {
        id: newId(clock, rng),
        model,
        version: candidate.version,
        passed: checks.every(({ passed }) => passed),
        checks: [...checks],
        policy,
        measurements,
        champion: champion?.ref ?? null,
        decidedBy: actor,
        decidedAtMs: clock.now(),
      };
      await gates.add(tx, stored.key, { report, requestDigest }, key);
      const failed = checks.filter(({ passed }) => !passed).map(({ name }) => name);
      const payload = { model, version: candidate.version, gate: report.id, passed: report.passed, failed };
      await events.publish(tx, { topic: 'registry.gate.decided', subject: candidate.ref, payload });
      return report;
    });
  }

  async function championOf(tx: Sql, model: StoredModel): Promise<StoredVersion | undefined> {
    const alias = await room.aliases.find(model.key, CHAMPION, tx);
    return alias && room.versions.find(model, alias.version, tx);
  }

  return {
    runGate,

    /** The latest gate of a version. */
    async getGate(model: string, named: string): Promise<GateReport> {
      const { model: stored, version } = await findVersion(room, model, named);
      const report = await gates.latest(stored.key, version.version);
      if (!report) throw registryErrors.REGISTRY_GATE_NOT_FOUND({ version: version.ref });
      return report;
    },

    async listGates(model: string, named: string): Promise<readonly GateReport[]> {
      const { model: stored, version } = await findVersion(room, model, named);
      return gates.list(stored.key, version.version);
    },
  };
}
