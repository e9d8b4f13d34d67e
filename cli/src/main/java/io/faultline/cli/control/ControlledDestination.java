package io.faultline.cli.control;

import io.faultline.dest.MigrationDestination;
import io.faultline.proto.control.ControlOutcome;
import io.faultline.proto.wire.control.ControlRequest;
import io.faultline.proto.wire.control.ControlResponse;

/** A destination that carries out commands: those that are not for the source. */
final class ControlledDestination implements ControlledNode {
  private final MigrationDestination destination;

  ControlledDestination(MigrationDestination destination) {
    this.destination = destination;
  }

  @Override
  public ControlResponse handle(ControlRequest request) throws InterruptedException {
    return switch (request.getCommandCase()) {
      case QUERY -> {
        Outcomes.awaitEnd(request.getQuery(), destination.result());
        yield Outcomes.status(
            DestinationStatusJson.of(destination.progress(), destination.migrationId()));
      }
      case CANCEL -> Outcomes.await(destination.requestCancel());
      case TAKE_SNAPSHOT -> Outcomes.noSnapshot();
      case COMMAND_NOT_SET -> Outcomes.response(ControlOutcome.refused("an unknown command"));
      default ->
          Outcomes.response(
              ControlOutcome.refused("a destination cannot do that: control the source"));
    };
  }

  @Override
  public boolean hasEnded() {
    return destination.result().isDone();
  }
}
