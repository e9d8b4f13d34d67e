package io.faultline.cli.control;

import io.faultline.proto.control.ControlOutcome;
import io.faultline.proto.wire.control.ControlRequest;
import io.faultline.proto.wire.control.ControlResponse;
import java.util.function.Supplier;
import tools.jackson.databind.node.ObjectNode;

/**
 * A pager process, of which a client can only ask the figures.
 *
 * @param status its figures now
 */
record ControlledPager(Supplier<ObjectNode> status) implements ControlledNode {
  @Override
  public ControlResponse handle(ControlRequest request) {
    return request.hasQuery()
        ? Outcomes.status(status.get())
        : Outcomes.response(
            ControlOutcome.refused("a pager can only be queried: a signal ends it"));
  }

  /** A pager has no final status: it ends with its process. */
  @Override
  public boolean hasEnded() {
    return false;
  }
}
