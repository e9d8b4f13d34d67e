package io.faultline.cli.control;

import io.faultline.proto.control.ControlOutcome;
import io.faultline.proto.wire.control.ControlRequest;
import io.faultline.proto.wire.control.ControlResponse;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A node that runs its VM before a migration, or after it: it takes snapshots, and passes all other
 * commands on to the migration.
 */
final class ControlledVm implements ControlledNode {
  private final NodeSnapshots snapshots;
  private volatile @Nullable ControlledNode migration;

  ControlledVm(NodeSnapshots snapshots) {
    this.snapshots = snapshots;
  }

  /** The migration has begun. */
  void follow(ControlledNode begun) {
    migration = begun;
  }

  @Override
  public ControlResponse handle(ControlRequest request) throws InterruptedException {
    if (request.hasTakeSnapshot()) {
      return snapshots.take(request.getTakeSnapshot());
    }
    ControlledNode of = migration;
    if (of == null) {
      return Outcomes.response(ControlOutcome.refused("the migration has not begun"));
    }
    ControlResponse response = of.handle(request);
    return request.hasQuery() && response.getDone() ? withSnapshot(response) : response;
  }

  private ControlResponse withSnapshot(ControlResponse response) {
    ObjectNode status = (ObjectNode) JsonMapper.shared().readTree(response.getStatusJson());
    snapshots.describeIn(status);
    return Outcomes.status(status);
  }

  @Override
  public boolean hasEnded() {
    ControlledNode of = migration;
    return of != null && of.hasEnded();
  }
}
