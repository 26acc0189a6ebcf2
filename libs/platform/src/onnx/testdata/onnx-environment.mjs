import { TestEnvironment } from 'jest-environment-node';

/**
 * Jest's node environment with the process's own Float32Array: ONNX Runtime's native side makes its outputs with that
 * one, and its JavaScript side refuses arrays of another realm.
 */
export default class OnnxEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    this.global.Float32Array = Float32Array;
  }
}
