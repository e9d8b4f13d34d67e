package io.faultline.dest;

import com.google.protobuf.ByteString;
import io.faultline.proto.wire.DeviceState;
import io.faultline.proto.wire.DeviceStatePart;
import io.faultline.proto.wire.Failure;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Goodbye;
import io.faultline.proto.wire.Mode;
import io.faultline.proto.wire.Placement;
import io.faultline.proto.wire.Recover;
import io.faultline.proto.wire.Region;
import io.faultline.proto.wire.Run;
import io.faultline.proto.wire.StreamEnd;
import io.faultline.proto.wire.VmDescription;

/** The control frames of a source. */
final class SourceFrames {
  static final long CLOCK_OFFSET_NANOS = 7;

  private SourceFrames() {}

  /** A VM with one region. */
  static Frame.Builder description(Mode mode, Placement placement, long pageBytes, long sizeBytes) {
    return Frame.newBuilder()
        .setVmDescription(
            VmDescription.newBuilder()
                .setType("fake")
                .setMode(mode)
                .setPlacement(placement)
                .setBasePageBytes(4096)
                .addRegions(
                    Region.newBuilder()
                        .setName("ram")
                        .setPageBytes(pageBytes)
                        .setSizeBytes(sizeBytes)));
  }

  static Frame.Builder statePart(ByteString bytes) {
    return Frame.newBuilder().setDeviceStatePart(DeviceStatePart.newBuilder().setBytes(bytes));
  }

  /** The end of a state that came in parts. */
  static Frame.Builder deviceState(String rest) {
    DeviceState.Builder state = DeviceState.newBuilder().setClockOffsetNanos(CLOCK_OFFSET_NANOS);
    return Frame.newBuilder().setDeviceState(state.setState(ByteString.copyFromUtf8(rest)));
  }

  static Frame.Builder deviceState() {
    return Frame.newBuilder()
        .setDeviceState(DeviceState.newBuilder().setClockOffsetNanos(CLOCK_OFFSET_NANOS));
  }

  static Frame.Builder run() {
    return Frame.newBuilder().setRun(Run.getDefaultInstance());
  }

  static Frame.Builder streamEnd(long pages) {
    return Frame.newBuilder().setStreamEnd(StreamEnd.newBuilder().setPages(pages));
  }

  static Frame.Builder goodbye() {
    return Frame.newBuilder().setGoodbye(Goodbye.getDefaultInstance());
  }

  static Frame.Builder recover() {
    return Frame.newBuilder().setRecover(Recover.getDefaultInstance());
  }

  static Frame.Builder failure(String why, boolean recoverable) {
    return Frame.newBuilder()
        .setFailure(Failure.newBuilder().setMessage(why).setRecoverable(recoverable));
  }
}
