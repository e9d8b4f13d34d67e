package io.faultline.source;

import com.google.protobuf.ByteString;
import io.faultline.proto.wire.DeviceState;
import io.faultline.proto.wire.DeviceStatePart;
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

  /**
   * @param bytes the next bytes of the device state
   */
  static Frame statePart(ByteString bytes) {
    DeviceStatePart part = DeviceStatePart.newBuilder().setBytes(bytes).build();
    return Frame.newBuilder().setDeviceStatePart(part).build();
  }

  /**
   * @param rest the device state without the parts that were sent
   */
  static Frame deviceState(ByteString rest, long clockOffsetNanos) {
    DeviceState state =
        DeviceState.newBuilder().setState(rest).setClockOffsetNanos(clockOffsetNanos).build();
    return Frame.newBuilder().setDeviceState(state).build();
  }

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
