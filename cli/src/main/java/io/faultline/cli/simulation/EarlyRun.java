package io.faultline.cli.simulation;

import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Run;
import java.util.function.Consumer;

/** The source says RUN right behind the state of the devices. */
final class EarlyRun implements FrameTampering {
  @Override
  public void pass(Socket from, WireFrame frame, Consumer<WireFrame> on) {
    on.accept(frame);
    if (frame.frame().hasDeviceState()) {
      on.accept(WireFrame.of(Frame.newBuilder().setRun(Run.getDefaultInstance()).build()));
    }
  }
}
