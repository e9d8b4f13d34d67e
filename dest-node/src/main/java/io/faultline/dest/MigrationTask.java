package io.faultline.dest;

import io.faultline.proto.WireException;

/** Passes an event to the state machine. Runs on the control loop. */
interface MigrationTask {
  void run(IncomingMigration migration) throws WireException;
}
