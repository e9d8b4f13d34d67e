package io.faultline.proto;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.faultline.proto.wire.DeviceState;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Ready;
import io.faultline.proto.wire.Run;
import io.faultline.proto.wire.Running;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.List;

/**
 * Writes and reads each frame of the handover once, before a VM is paused for it: a JVM's first
 * call of anything is slow.
 */
public final class FrameRehearsal {
  private FrameRehearsal() {}

  /** Takes some milliseconds when cold, nothing later. */
  public static void run() {
    DeviceState state = DeviceState.newBuilder().setState(ByteString.copyFromUtf8("x")).build();
    Running running = Running.newBuilder().setFirstInstructionNanos(1).setLoadNanos(1).build();
    List<Frame> handover =
        List.of(
            Frame.newBuilder().setDeviceState(state).build(),
            Frame.newBuilder().setReady(Ready.getDefaultInstance()).build(),
            Frame.newBuilder().setRun(Run.getDefaultInstance()).build(),
            Frame.newBuilder().setRunning(running).build());
    for (Frame frame : handover) {
      roundTrip(frame);
    }
  }

  private static void roundTrip(Frame frame) {
    ByteBuf bytes = FrameWriter.frame(ByteBufAllocator.DEFAULT, frame);
    try {
      bytes.skipBytes(Varint.size(frame.getSerializedSize() + HeaderChecksum.BYTES));
      Frame.Builder back = Frame.parseFrom(bytes.nioBuffer()).toBuilder();
      if (!back.clearChecksum().build().equals(frame)) {
        throw new IllegalStateException("a frame changed on its way: " + frame.getBodyCase());
      }
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    } finally {
      bytes.release();
    }
  }
}
