package io.faultline.source;

import io.faultline.proto.wire.Failure;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Goodbye;
import io.faultline.proto.wire.Heartbeat;
import io.faultline.proto.wire.Recover;
import io.faultline.proto.wire.Run;
import io.faultline.proto.wire.StreamEnd;

/** Builds the frames that an outgoing migration sends on the control connection. */
final class ControlFrames {
  private ControlFrames() {}

  static Frame run() {
    return Frame.newBuilder().setRun(Run.getDefaultInstance()).build();
  }

  static Frame heartbeat() {
    return Frame.newBuilder().setHeartbeat(Heartbeat.getDefaultInstance()).build();
  }

  static Frame recover() {
    return Frame.newBuilder().setRecover(Recover.getDefaultInstance()).build();
  }

  /**
   * @param urgentPages base pages sent on the control connection
   */
  static Frame streamEnd(long urgentPages) {
    StreamEnd end = StreamEnd.newBuilder().setPages(urgentPages).build();
    return Frame.newBuilder().setStreamEnd(end).build();
  }

  static Frame goodbye() {
    return Frame.newBuilder().setGoodbye(Goodbye.getDefaultInstance()).build();
  }

  /**
   * @param recoverable whether the source will connect again
   */
  static Frame failure(String why, boolean recoverable) {
    Failure failure = Failure.newBuilder().setMessage(why).setRecoverable(recoverable).build();
    return Frame.newBuilder().setFailure(failure).build();
  }
}
