package io.faultline.cli.simulation.network;

import java.util.function.Consumer;

/** Changes, adds or drops frames between a node and the wire. */
public interface FrameTampering {
  /** Passes every frame unchanged. */
  FrameTampering NONE = (from, frame, out) -> out.accept(frame);

  /** A node sends a frame on {@code from}; {@code out} receives the frames to send instead. */
  void pass(Socket from, WireFrame frame, Consumer<WireFrame> out);
}
