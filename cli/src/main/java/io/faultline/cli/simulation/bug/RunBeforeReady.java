package io.faultline.cli.simulation.bug;

import io.faultline.cli.simulation.network.FrameTampering;
import io.faultline.cli.simulation.network.Socket;
import io.faultline.cli.simulation.network.WireFrame;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Run;
import java.util.function.Consumer;

/** The source sends RUN right after the device state. */
final class RunBeforeReady implements FrameTampering {
  @Override
  public void pass(Socket from, WireFrame frame, Consumer<WireFrame> out) {
    out.accept(frame);
    if (frame.frame().hasDeviceState()) {
      out.accept(WireFrame.of(Frame.newBuilder().setRun(Run.getDefaultInstance()).build()));
    }
  }
}
