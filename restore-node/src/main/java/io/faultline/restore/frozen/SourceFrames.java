package io.faultline.restore.frozen;

import io.faultline.proto.wire.Failure;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Goodbye;
import io.faultline.proto.wire.Ping;
import io.faultline.proto.wire.Pong;
import io.faultline.proto.wire.Run;

/** The frames of a page source to its destination. */
final class SourceFrames {
  private SourceFrames() {}

  /** The answer to a ping, with its time. */
  static Frame pong(Ping ping) {
    return Frame.newBuilder()
        .setPong(Pong.newBuilder().setSourceNanos(ping.getSourceNanos()))
        .build();
  }

  static Frame run() {
    return Frame.newBuilder().setRun(Run.getDefaultInstance()).build();
  }

  static Frame goodbye() {
    return Frame.newBuilder().setGoodbye(Goodbye.getDefaultInstance()).build();
  }

  /**
   * Why this side closes the connections.
   *
   * @param recoverable whether the destination may connect again
   */
  static Frame failure(String why, boolean recoverable) {
    Failure failure = Failure.newBuilder().setMessage(why).setRecoverable(recoverable).build();
    return Frame.newBuilder().setFailure(failure).build();
  }
}
