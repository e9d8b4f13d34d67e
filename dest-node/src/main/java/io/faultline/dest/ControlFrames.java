package io.faultline.dest;

import io.faultline.proto.wire.Completed;
import io.faultline.proto.wire.Failure;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Heartbeat;
import io.faultline.proto.wire.MemoryPrepared;
import io.faultline.proto.wire.Phase;
import io.faultline.proto.wire.Pong;
import io.faultline.proto.wire.Ready;
import io.faultline.proto.wire.Recovery;
import io.faultline.proto.wire.RoundReceived;
import io.faultline.proto.wire.Running;

/** Builds the frames that an incoming migration sends on the control connection. */
final class ControlFrames {
  private ControlFrames() {}

  static Frame pong(long sourceNanos, long nowNanos) {
    Pong pong = Pong.newBuilder().setSourceNanos(sourceNanos).setDestinationNanos(nowNanos).build();
    return Frame.newBuilder().setPong(pong).build();
  }

  static Frame memoryPrepared() {
    return Frame.newBuilder().setMemoryPrepared(MemoryPrepared.getDefaultInstance()).build();
  }

  static Frame roundReceived(int round) {
    RoundReceived received = RoundReceived.newBuilder().setRound(round).build();
    return Frame.newBuilder().setRoundReceived(received).build();
  }

  static Frame ready() {
    return Frame.newBuilder().setReady(Ready.getDefaultInstance()).build();
  }

  static Frame running(IncomingTimes times) {
    Running running =
        Running.newBuilder()
            .setFirstInstructionNanos(times.firstInstructionNanos)
            .setLoadNanos(times.readyNanos - times.stateArrivedNanos)
            .setStartNanos(times.firstInstructionNanos - times.runNanos)
            .setDiscardNanos(times.discardNanos)
            .build();
    return Frame.newBuilder().setRunning(running).build();
  }

  static Frame heartbeat(boolean memoryShort) {
    Heartbeat heartbeat = Heartbeat.newBuilder().setMemoryShort(memoryShort).build();
    return Frame.newBuilder().setHeartbeat(heartbeat).build();
  }

  static Frame recovery(Phase phase) {
    return Frame.newBuilder().setRecovery(Recovery.newBuilder().setPhase(phase)).build();
  }

  static Frame completed(IncomingCounters counters) {
    Completed completed =
        Completed.newBuilder()
            .setFaults(counters.faults.sum())
            .setPagesPlaced(counters.pagesPlaced())
            .build();
    return Frame.newBuilder().setCompleted(completed).build();
  }

  /**
   * @param recoverable whether only the connections end; otherwise the migration does
   */
  static Frame failure(String why, boolean recoverable) {
    Failure failure = Failure.newBuilder().setMessage(why).setRecoverable(recoverable).build();
    return Frame.newBuilder().setFailure(failure).build();
  }
}
