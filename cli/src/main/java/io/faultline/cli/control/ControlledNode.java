package io.faultline.cli.control;

import io.faultline.proto.wire.control.ControlRequest;
import io.faultline.proto.wire.control.ControlResponse;

/** What a node does with the commands of its control socket. Thread-safe. */
interface ControlledNode {
  /** Carries out a command; may block for some seconds. */
  ControlResponse handle(ControlRequest request) throws InterruptedException;

  /** Whether the migration has ended, so that no later status differs. */
  boolean hasEnded();
}
