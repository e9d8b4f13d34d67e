package io.faultline.cli.control;

import io.faultline.proto.control.ControlOutcome;
import io.faultline.proto.wire.control.ControlResponse;
import io.faultline.proto.wire.control.Query;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tools.jackson.databind.node.ObjectNode;

/** The responses of a node. */
final class Outcomes {
  private static final long DECISION_SECONDS = 5;
  private static final int MAX_WAIT_MILLIS = 1000;

  private Outcomes() {}

  /** Waits until a command is decided. */
  static ControlResponse await(CompletableFuture<ControlOutcome> decision)
      throws InterruptedException {
    try {
      ControlOutcome outcome = decision.get(DECISION_SECONDS, TimeUnit.SECONDS);
      return response(outcome);
    } catch (TimeoutException | ExecutionException e) {
      return response(
          ControlOutcome.refused("the node has not answered within " + DECISION_SECONDS + " s"));
    }
  }

  static ControlResponse response(ControlOutcome outcome) {
    return ControlResponse.newBuilder()
        .setDone(outcome.done())
        .setMessage(outcome.message())
        .build();
  }

  /** Of a node whose VM is not in its process, or has left it. */
  static ControlResponse noSnapshot() {
    return response(
        ControlOutcome.refused(
            "this node only moves a VM, which runs elsewhere: for the guest of a QEMU that does not"
                + " migrate, use faultline snapshot --qmp SOCKET"));
  }

  static ControlResponse status(ObjectNode json) {
    return ControlResponse.newBuilder().setDone(true).setStatusJson(json.toString()).build();
  }

  /** Waits as long as a query asks for, or until the migration ends. */
  static void awaitEnd(Query query, CompletableFuture<?> result) throws InterruptedException {
    int millis = Math.clamp(Integer.toUnsignedLong(query.getWaitMillis()), 0, MAX_WAIT_MILLIS);
    try {
      result.get(millis, TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      return; // the status says how far it is
    }
  }
}
