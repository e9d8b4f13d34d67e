package io.faultline.cli.simulation;

import java.util.function.Consumer;

/** What becomes of the frames that nodes send. */
interface FrameTampering {
  /** Frames go as they are. */
  FrameTampering NONE = (from, frame, on) -> on.accept(frame);

  /** A frame goes out at {@code from}; {@code on} gets what is sent in its place. */
  void pass(Socket from, WireFrame frame, Consumer<WireFrame> on);
}
