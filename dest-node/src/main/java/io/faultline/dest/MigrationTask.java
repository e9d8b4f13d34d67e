package io.faultline.dest;

import io.faultline.proto.WireException;

/** What the state machine is told. Runs on the control loop. */
interface MigrationTask {
  void run(IncomingMigration migration) throws WireException;
}
