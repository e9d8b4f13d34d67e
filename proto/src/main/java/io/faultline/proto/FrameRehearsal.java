package io.faultline.proto;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.faultline.proto.wire.DeviceState;
import io.faultline.proto.wire.DeviceStatePart;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Ready;
import io.faultline.proto.wire.Run;
import io.faultline.proto.wire.Running;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.List;

/**
 * Writes and reads each frame of the switchover once before the VM is paused, since a JVM runs any
 * code slowly the first time.
 */
public final class FrameRehearsal {
  private FrameRehearsal() {}

  /** Takes a few milliseconds in a cold JVM, nothing later. */
  public static void run() {
    DeviceStatePart part =
        DeviceStatePart.newBuilder().setBytes(ByteString.copyFromUtf8("x")).build();
    DeviceState state = DeviceState.newBuilder().setState(ByteString.copyFromUtf8("x")).build();
    Running running = Running.newBuilder().setFirstInstructionNanos(1).setLoadNanos(1).build();
    List<Frame> switchover =
        List.of(
            Frame.newBuilder().setDeviceStatePart(part).build(),
            Frame.newBuilder().setDeviceState(state).build(),
            Frame.newBuilder().setReady(Ready.getDefaultInstance()).build(),
            Frame.newBuilder().setRun(Run.getDefaultInstance()).build(),
            Frame.newBuilder().setRunning(running).build());
    for (Frame frame : switchover) {
      roundTrip(frame);
    }
  }

  private static void roundTrip(Frame frame) {
    ByteBuf bytes = FrameWriter.frame(ByteBufAllocator.DEFAULT, frame);
    try {
      bytes.skipBytes(Varint.size(frame.getSerializedSize() + HeaderChecksum.BYTES));
      Frame.Builder back = Frame.parseFrom(bytes.nioBuffer()).toBuilder();
      if (!back.clearChecksum().build().equals(frame)) {
        throw new IllegalStateException(
            "a frame was not read as it was written: " + frame.getBodyCase());
      }
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    } finally {
      bytes.release();
    }
  }
}
